// Guarantees of ShopScenario for any stream: reproducible bytes, independent ranges, correct expectations,
// and event times in range. shop_test.cc tests the shop's properties.
#include "scenario/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <unordered_set>

#include "base/row_hash.h"
#include "scenario/random.h"
#include "scenario/shop_oracle.h"

namespace forebay {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kDayMs = 86'400'000;

ShopScenario Make(const ScenarioOptions& options) {
  return ShopScenario::Create(options).value();
}

ScenarioOptions WithFaults(uint64_t seed, std::string_view faults) {
  ScenarioOptions options;
  options.seed = seed;
  options.faults = ParseFaultRates(faults).value();
  return options;
}

RecordBlock Range(const ShopScenario& scenario, std::string_view table, uint64_t from, uint64_t to) {
  RecordBlock block;
  const Status status = scenario.Generate(table, from, to, &block);
  EXPECT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(block.size(), to - from);
  return block;
}

// Covers everything that a producer or an auditor sees of the records.
uint64_t Fingerprint(const RecordBlock& block, uint64_t hash = 0) {
  const auto add = [&hash](std::string_view bytes) {
    hash = XXH3_64bits_withSeed(bytes.data(), bytes.size(), hash);
  };
  for (size_t i = 0; i < block.size(); ++i) {
    const GeneratedRecord record = block.at(i);
    const uint64_t numbers[] = {record.sequence, record.expected.key_hash, record.key.size(),
                                record.value.size()};
    add({reinterpret_cast<const char*>(numbers), sizeof numbers});
    add(record.key);
    add(record.value);
    add(record.expected.partition);
    add(record.expected.reason ? ReasonName(*record.expected.reason) : "landed");
  }
  return hash;
}

uint64_t StreamFingerprint(const ScenarioOptions& options, std::string_view table, uint64_t from,
                           uint64_t to) {
  return Fingerprint(Range(Make(options), table, from, to));
}

// Any change of these bytes needs an entry in the changelog: receipts of older runs refer to them.
TEST(ScenarioTest, BytesAreTheSameOnEveryMachine) {
  const std::string all = "late=0.05,out_of_order=0.05,duplicate=0.05,extra=0.05,malformed=0.2";
  ScenarioOptions span = WithFaults(3, all);
  span.event_span_ms = 3 * kDayMs;
  span.clicks = 150'000;
  EXPECT_EQ(StreamFingerprint(ScenarioOptions(), "clicks", 0, 150'000), 6361603152449830379u);
  EXPECT_EQ(StreamFingerprint(ScenarioOptions(), "orders", 0, 5'000), 11838773986926947775u);
  EXPECT_EQ(StreamFingerprint(span, "clicks", 0, 150'000), 4540819668664041341u);
  EXPECT_EQ(StreamFingerprint(span, "orders", 0, 5'000), 6856866695496545758u);
  EXPECT_EQ(StreamFingerprint(WithFaults(UINT64_MAX, all), "clicks", 1'000'000'000, 1'000'070'000),
            14842876247986940201u);
}

TEST(ScenarioTest, AnySplitGivesTheSameRecords) {
  const ScenarioOptions options = WithFaults(11, "late=0.1,duplicate=0.2,extra=0.1,malformed=0.1");
  for (const auto& [table, count] : {std::pair("clicks", 140'000), std::pair("orders", 4'000)}) {
    const uint64_t first = 30'000'000;
    const uint64_t whole = Fingerprint(Range(Make(options), table, first, first + count));
    Random random(5);
    for (int round = 0; round < 5; ++round) {
      const ShopScenario scenario = Make(options);
      uint64_t hash = 0;
      RecordBlock block;
      for (uint64_t from = 0, to; from < static_cast<uint64_t>(count); from = to) {
        to = std::min<uint64_t>(count, from + random.Below(random.Percent(50) ? 50 : 60'000));
        block.Clear();
        ASSERT_TRUE(scenario.Generate(table, first + from, first + to, &block).ok());
        hash = Fingerprint(block, hash);
      }
      EXPECT_EQ(hash, whole) << table << " round " << round;
    }
  }
}

TEST(ScenarioTest, OrderOfAccessDoesNotMatter) {
  const ShopScenario scenario = Make(WithFaults(2, "default"));
  const uint64_t before = Fingerprint(Range(scenario, "clicks", 700'000, 700'100));
  for (const uint64_t from : {0, 64'000, 9'000'000, 128'000, 3'000'000, 5'000'000}) {
    Range(scenario, "clicks", from, from + 10);
  }
  EXPECT_EQ(Fingerprint(Range(scenario, "clicks", 700'000, 700'100)), before);
}

TEST(ScenarioTest, ThreadsShareOneScenario) {
  const ScenarioOptions options = WithFaults(4, "default");
  const ShopScenario scenario = Make(options);
  std::vector<uint64_t> hashes(8);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < hashes.size(); ++t) {
    threads.emplace_back([&, t] {
      RecordBlock block;
      for (uint64_t from = t % 2 * 20'000; from < 200'000; from += 40'000) {
        ASSERT_TRUE(scenario.Generate("clicks", from, from + 5'000, &block).ok());
      }
      hashes[t] = Fingerprint(block);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t t = 2; t < hashes.size(); ++t) EXPECT_EQ(hashes[t], hashes[t % 2]);
  EXPECT_NE(hashes[0], hashes[1]);
}

TEST(ScenarioTest, SeedsGiveDifferentShops) {
  EXPECT_NE(StreamFingerprint(WithFaults(1, "none"), "clicks", 0, 100),
            StreamFingerprint(WithFaults(2, "none"), "clicks", 0, 100));
}

TEST(ScenarioTest, EveryRecordMeetsItsExpectation) {
  const ShopScenario scenario =
      Make(WithFaults(21, "late=0.1,out_of_order=0.1,extra=0.1,duplicate=0.1,malformed=0.2"));
  for (const auto& [table, judge] : {std::pair("clicks", &JudgeClick), std::pair("orders", &JudgeOrder)}) {
    const RecordBlock block = Range(scenario, table, 100'000, 112'000);
    for (size_t i = 0; i < block.size(); ++i) {
      const GeneratedRecord record = block.at(i);
      ASSERT_EQ(record.sequence, 100'000 + i);
      ASSERT_THAT(std::string(record.key), testing::MatchesRegex("u[0-9]{7}"));
      const std::vector<Reason> broken = judge(record.value);
      if (record.expected.reason) {
        ASSERT_EQ(broken, std::vector<Reason>{*record.expected.reason}) << record.value.substr(0, 500);
        continue;
      }
      ASSERT_EQ(broken, std::vector<Reason>()) << record.value;
      const std::string_view value = record.value.substr(record.value.find("_id\":\""));
      RowHasher hasher;
      hasher.AddBytes(value.substr(6, 16));
      ASSERT_EQ(record.expected.key_hash, hasher.Finish()) << record.value;
      ASSERT_EQ(record.expected.partition,
                "date=" + std::string(value.substr(value.find("_time\":\"") + 8, 10)));
      ASSERT_EQ(value.substr(value.find("user_id\":\"") + 10, 8), record.key);
    }
  }
}

TEST(ScenarioTest, IdsAreUniqueOverBothTables) {
  const ShopScenario scenario = Make(ScenarioOptions());
  std::unordered_set<uint64_t> hashes;
  RecordBlock block;
  for (uint64_t from = 0; from < 1'000'000; from += 50'000) {
    block.Clear();
    ASSERT_TRUE(scenario.Generate("clicks", from, from + 50'000, &block).ok());
    ASSERT_TRUE(scenario.Generate("orders", from / 40, from / 40 + 1'250, &block).ok());
    for (size_t i = 0; i < block.size(); ++i) hashes.insert(block.at(i).expected.key_hash);
  }
  EXPECT_EQ(hashes.size(), 1'025'000u);
}

int64_t TimeMs(std::string_view value) {
  return InstantMs(value.substr(value.find("_time\":\"") + 8, 24));
}

TEST(ScenarioTest, EventsFillTheirSpanInOrder) {
  for (const uint64_t clicks : {1u, 50u, 1'000u, 64'000u, 100'000u}) {
    for (const int64_t span_ms : {1'000L, 3'600'000L, 7 * kDayMs}) {
      for (const char* faults : {"none", "duplicate=0.3"}) {
        ScenarioOptions options = WithFaults(8, faults);
        options.event_span_ms = span_ms;
        options.clicks = clicks;
        const ShopScenario scenario = Make(options);
        const int64_t end_ms = options.event_start_ms + span_ms;
        EXPECT_EQ(scenario.LatestEventMs(clicks), end_ms - 1);
        for (const std::string_view table : {ShopScenario::kClicks, ShopScenario::kOrders}) {
          const RecordBlock block = Range(scenario, table, 0, ShopScenario::CountFor(table, clicks).value());
          int64_t before_ms = options.event_start_ms;
          for (size_t i = 0; i < block.size(); ++i) {
            const int64_t time_ms = TimeMs(block.at(i).value);
            ASSERT_LT(time_ms, end_ms);
            if (options.faults.duplicate == 0) {
              ASSERT_GE(time_ms, before_ms) << table << " " << i;
            }
            before_ms = time_ms;
          }
          if (block.size() >= 1000) {
            EXPECT_GT(before_ms, end_ms - span_ms / 3);
          }
        }
      }
    }
  }
}

TEST(ScenarioTest, NoEventIsLaterThanTheBound) {
  for (const char* faults : {"none", "duplicate=0.3"}) {
    const ShopScenario scenario = Make(WithFaults(6, faults));
    for (const uint64_t clicks : {40u, 400u, 5'000u, 63'999u, 64'000u, 64'001u, 100'000u}) {
      const int64_t bound_ms = scenario.LatestEventMs(clicks);
      int64_t latest_ms = 0;
      for (const std::string_view table : {ShopScenario::kClicks, ShopScenario::kOrders}) {
        const RecordBlock block = Range(scenario, table, 0, ShopScenario::CountFor(table, clicks).value());
        for (size_t i = 0; i < block.size(); ++i) latest_ms = std::max(latest_ms, TimeMs(block.at(i).value));
      }
      EXPECT_LE(latest_ms, bound_ms) << clicks;
      EXPECT_GT(latest_ms, bound_ms - kDayMs) << clicks;
    }
  }
}

TEST(ScenarioTest, ExtremeRatesStillWork) {
  ScenarioOptions options;
  for (const uint64_t rate : {uint64_t{1}, uint64_t{1'000'000'000'000}}) {
    options.clicks_per_1000_seconds = rate;
    const RecordBlock block = Range(Make(options), "clicks", 0, 70'000);
    for (size_t i = 0; i < block.size(); i += 100)
      ASSERT_EQ(JudgeClick(block.at(i).value), std::vector<Reason>());
  }
}

TEST(ScenarioTest, CountsOrdersByClicks) {
  EXPECT_EQ(ShopScenario::CountFor("clicks", 1'000'000).value(), 1'000'000u);
  EXPECT_EQ(ShopScenario::CountFor("orders", 1'000'000).value(), 25'000u);
  EXPECT_EQ(ShopScenario::OrdersForClicks(ShopScenario::ClicksForOrders(7)), 7u);
  EXPECT_EQ(ShopScenario::OrdersForClicks(ShopScenario::ClicksForOrders(7) - 1), 6u);
}

std::string GenerateError(const ScenarioOptions& options, std::string_view table, uint64_t from,
                          uint64_t to) {
  RecordBlock block;
  const Status status = Make(options).Generate(table, from, to, &block);
  return status.ok() ? "" : status.error().message();
}

std::string CreateError(const ScenarioOptions& options) {
  const Result<ShopScenario> scenario = ShopScenario::Create(options);
  return scenario.ok() ? "" : scenario.error().message();
}

TEST(ScenarioTest, RejectsImpossibleOptions) {
  EXPECT_THAT(GenerateError({}, "weather", 0, 1),
              HasSubstr("the shop scenario makes clicks and orders, not 'weather'"));
  EXPECT_THAT(GenerateError({}, "clicks", 2, 1), HasSubstr("ends before it begins"));
  EXPECT_THAT(GenerateError({}, "clicks", uint64_t{1} << 50, (uint64_t{1} << 50) + 1),
              HasSubstr("beyond the year 8999"));
  EXPECT_THAT(GenerateError({}, "orders", UINT64_MAX - 1, UINT64_MAX), HasSubstr("beyond the year 8999"));
  EXPECT_FALSE(ShopScenario::CountFor("weather", 1).ok());

  ScenarioOptions options;
  options.event_start_ms = 0;
  EXPECT_THAT(CreateError(options), HasSubstr("1971 to 8999"));
  options = {};
  options.clicks_per_1000_seconds = 0;
  EXPECT_THAT(CreateError(options), HasSubstr("event rate"));
  options = {};
  options.event_span_ms = kDayMs;
  EXPECT_THAT(CreateError(options), HasSubstr("number of records"));
  options.clicks = 1;
  options.event_span_ms = INT64_MAX;
  EXPECT_THAT(CreateError(options), HasSubstr("beyond the year 8999"));
  options.event_span_ms = 999;
  EXPECT_THAT(CreateError(options), HasSubstr("at least 1s"));
  options = {};
  options.faults.late = 600'000;
  options.faults.extra = 600'000;
  EXPECT_THAT(CreateError(options), HasSubstr("more than 1"));
}

TEST(ScenarioTest, AcceptsOnlyTheShopsContract) {
  Contract contract = ReadContract(FOREBAY_SOURCE_DIR "/contracts/shop.odcs.yaml").value();
  ASSERT_EQ(contract.tables.size(), 2u);
  for (Table& table : contract.tables) {
    EXPECT_TRUE(ShopScenario::CheckTable(table).ok());
    table.key.reset();
    EXPECT_THAT(ShopScenario::CheckTable(table).error().message(), HasSubstr("is not the shop scenario's"));
    table.name = "weather";
    EXPECT_THAT(ShopScenario::CheckTable(table).error().message(),
                HasSubstr("use `forebay produce --table T --from"));
  }
}

}  // namespace
}  // namespace forebay
