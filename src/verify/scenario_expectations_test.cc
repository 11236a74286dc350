// For the shop's own contract, the generator and the decoder must agree: the decoder's result for each record
// is the scenario's expectation.
#include <gtest/gtest.h>

#include "contract/contract.h"
#include "decode/record_decoder.h"
#include "scenario/scenario.h"

namespace forebay {
namespace {

std::string Wanted(const Expectation& expected) {
  if (expected.reason) return std::string(ReasonName(*expected.reason));
  return std::string(expected.partition) + " " + std::to_string(expected.key_hash);
}

std::string Made(RecordDecoder& decoder, std::string_view value, int64_t now_ms) {
  RecordView record;
  record.timestamp_ms = now_ms;
  record.value = value;
  switch (decoder.Decode(record, now_ms).value()) {
    case Outcome::kTombstone:
      return "tombstone";
    case Outcome::kReject:
      return std::string(ReasonName(decoder.rejection().reason));
    case Outcome::kRow:
      return decoder.partitions().directory(decoder.partition()) + " " + std::to_string(decoder.key_hash());
  }
  return "";
}

TEST(ScenarioExpectationsTest, TheDecoderMakesOfEachRecordWhatTheScenarioExpects) {
  const Contract contract = ReadContract(FOREBAY_SOURCE_DIR "/contracts/shop.odcs.yaml").value();
  for (const char* faults : {"default", "malformed=1", "late=0.2,out_of_order=0.2,duplicate=0.2,extra=0.4"}) {
    ScenarioOptions options;
    options.seed = 42;
    options.faults = ParseFaultRates(faults).value();
    const ShopScenario scenario = ShopScenario::Create(options).value();
    for (const Table& table : contract.tables) {
      const std::unique_ptr<RecordDecoder> decoder = RecordDecoder::Create(table).value();
      constexpr uint64_t kRecords = 40'000;
      const int64_t now_ms = scenario.LatestEventMs(ShopScenario::ClicksForOrders(kRecords));
      RecordBlock block;
      for (uint64_t from = 0; from < kRecords; from += 8'000) {
        block.Clear();
        ASSERT_TRUE(scenario.Generate(table.name, from, from + 8'000, &block).ok());
        for (size_t i = 0; i < block.size(); ++i) {
          const GeneratedRecord record = block.at(i);
          ASSERT_EQ(Made(*decoder, record.value, now_ms), Wanted(record.expected))
              << record.value.substr(0, 1'000);
        }
      }
    }
  }
}

}  // namespace
}  // namespace forebay
