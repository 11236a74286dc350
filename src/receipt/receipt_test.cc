#include "receipt/receipt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>

namespace forebay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

OffsetRange Range(int64_t from, int64_t to) {
  return {Offset(from), Offset(to)};
}

// The same permutation on every machine.
std::vector<int64_t> Shuffled(int64_t count, uint64_t step) {
  std::vector<int64_t> offsets(count);
  std::iota(offsets.begin(), offsets.end(), 0);
  uint64_t state = step;
  for (int64_t i = count - 1; i > 0; --i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    std::swap(offsets[i], offsets[(state >> 33) % (i + 1)]);
  }
  return offsets;
}

TEST(OffsetRuns, AddsInOrderAsOneRun) {
  OffsetRuns runs;
  for (int64_t i = 5; i < 10; ++i) runs.Add(Offset(i));
  EXPECT_THAT(runs.runs(), ElementsAre(Range(5, 10)));
  EXPECT_EQ(runs.count(), 5);
}

TEST(OffsetRuns, JoinsFromBothSides) {
  OffsetRuns runs;
  for (const int64_t i : {0, 1, 4, 8, 3, 2, 9, 7}) runs.Add(Offset(i));
  EXPECT_THAT(runs.runs(), ElementsAre(Range(0, 5), Range(7, 10)));
}

TEST(OffsetRuns, AnyOrderGivesTheSameSet) {
  for (uint64_t step = 1; step < 30; ++step) {
    OffsetRuns runs;
    std::set<int64_t> expected;
    for (const int64_t offset : Shuffled(700, step)) {
      if (offset % 7 == 3) continue;
      runs.Add(Offset(offset));
      expected.insert(offset);
    }
    for (int64_t offset = 0; offset < 700; ++offset) {
      ASSERT_EQ(runs.Contains(Offset(offset)), expected.contains(offset)) << offset;
    }
    ASSERT_EQ(runs.runs().size(), 101u);
    ASSERT_EQ(runs.count(), static_cast<int64_t>(expected.size()));
  }
}

TEST(OffsetRuns, ReportsDuplicateOffsets) {
  OffsetRuns runs;
  for (const int64_t i : {1, 2, 3, 9}) EXPECT_TRUE(runs.Add(Offset(i)));
  for (const int64_t i : {1, 2, 3, 9}) EXPECT_FALSE(runs.Add(Offset(i))) << i;
  EXPECT_THAT(runs.runs(), ElementsAre(Range(1, 4), Range(9, 10)));
}

Receipt Example() {
  Receipt receipt;
  receipt.run = "20251030T120000Z-4f2a9c1b";
  receipt.contract_hash = "0123456789abcdef0123456789abcdef";
  receipt.producer = "forebay produce 0.1.0";
  receipt.seed = 18446744073709551615ULL;
  receipt.source = "a \"file\" with \\ and \x01";
  receipt.started_ms = 1761825600000;
  receipt.updated_ms = 1761825601000;
  receipt.state = ReceiptState::kComplete;
  ReceiptTable table;
  table.table = "clicks";
  table.topic = "shop.clicks";
  table.topic_id = TopicId("Xy4zAbCdEfGhIjKlMnOpQr");
  for (int64_t i : {0, 1, 2, 3, 7, 8}) table.partitions[0].acknowledged.Add(Offset(i));
  table.partitions[0].records = 6;
  table.partitions[5].beginning = Offset(100);
  table.sequences.Append(Range(0, 9));
  table.sequences.Append(Range(11, 12));
  table.sent_sum = 0x0123456789abcdefULL;
  table.partitions[5].acknowledged.Append(Range(100, 104));
  table.partitions[5].records = 4;
  table.landed["date=2025-10-30"] = {6, 0xfedcba9876543210ULL};
  table.landed["date=2025-10-31"] = {1, 7};
  table.quarantined["not_json"] = 2;
  table.tombstones = 1;
  table.uncertain = 3;
  table.failed = 4;
  receipt.tables.push_back(table);
  return receipt;
}

TEST(Receipt, RoundTrip) {
  const std::string json = ReceiptToJson(Example());
  const Result<Receipt> read = ParseReceipt(json, "r.json");
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(ReceiptToJson(*read), json);
  EXPECT_EQ(read->seed, 18446744073709551615ULL);
  EXPECT_EQ(read->source, Example().source);
  EXPECT_EQ(read->tables[0].landed.at("date=2025-10-30").key_sum, 0xfedcba9876543210ULL);
  EXPECT_THAT(read->tables[0].partitions.at(0).acknowledged.runs(), ElementsAre(Range(0, 4), Range(7, 9)));
}

struct Damage {
  const char* name;
  const char* from;
  const char* to;
  const char* expected;
};

class DamagedReceipt : public testing::TestWithParam<Damage> {};

TEST_P(DamagedReceipt, IsRefused) {
  std::string json = ReceiptToJson(Example());
  const size_t at = json.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  json.replace(at, std::string(GetParam().from).size(), GetParam().to);
  const Result<Receipt> read = ParseReceipt(json, "dir/r.json");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(read.error().message(), HasSubstr("dir/r.json"));
  EXPECT_THAT(read.error().message(), HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    All, DamagedReceipt,
    testing::Values(
        Damage{"Version", "\"receipt_version\": 2", "\"receipt_version\": 3",
               "unsupported receipt version 3"},
        Damage{"NoVersion", "\"receipt_version\"", "\"version\"", "unsupported receipt version 0"},
        Damage{"Sequences", "[11,12]", "[8,12]", "overlap, touch or do not ascend, at sequence 8"},
        Damage{"Unknown", "\"seed\"", "\"sead\"", "unknown member 'sead'"},
        Damage{"State", "\"complete\"", "\"finished\"", "unknown state 'finished'"},
        Damage{"Type", "\"seed\": 18446744073709551615", "\"seed\": -1", "'seed'"},
        Damage{"Run", "[7,9]", "[9,9]", "do not ascend"}, Damage{"Overlap", "[7,9]", "[3,5]", "overlap"},
        Damage{"Adjacent", "[0,4],[7,9]", "[0,4],[4,6]", "touch"},
        Damage{"RunShape", "[7,9]", "[7]", "not [from, to]"},
        Damage{"RecordsNotOffsets", "\"records\":6", "\"records\":5", "5 records but 6 offsets"},
        Damage{"Balance", "\"tombstones\": 1", "\"tombstones\": 2", "10 acknowledged records"},
        Damage{"Hex", "fedcba9876543210", "fedcba987654321x", "hexadecimal"},
        Damage{"Reason", "not_json", "not_xml", "unknown reason 'not_xml'"},
        Damage{"Partition", "\"partition\":5", "\"partition\":0", "duplicate partition 0"},
        Damage{"NotJson", "\"run\"", "run", "not JSON"}),
    [](const auto& info) { return info.param.name; });

TEST(Receipt, VersionOneIsReadWithoutWhatItDoesNotHave) {
  const auto without = [](std::string json, const std::string& member, const std::string& end) {
    for (size_t at = json.find(member); at != std::string::npos; at = json.find(member, at))
      json.erase(at, json.find(end, at) + end.size() - at);
    return json;
  };
  std::string json = ReceiptToJson(Example());
  json.replace(json.find("\"receipt_version\": 2"), 20, "\"receipt_version\": 1");
  json = without(json, "\"contract\": ", ",");
  json = without(json, "\"beginning\":", ",");
  json = without(json, "\"sequences\": ", "]],");
  json = without(json, "\"sent_sum\": ", ",");
  const Result<Receipt> read = ParseReceipt(json, "r.json");
  ASSERT_TRUE(read.ok()) << read.error().message() << json;
  EXPECT_EQ(read->tables[0].partitions, [] {
    auto partitions = Example().tables[0].partitions;
    partitions.at(5).beginning = Offset(0);
    return partitions;
  }());
  EXPECT_EQ(read->tables[0].landed, Example().tables[0].landed);
  EXPECT_FALSE(read->resumable());
}

TEST(Receipt, EveryStateIsKept) {
  for (const ReceiptState state : {ReceiptState::kRunning, ReceiptState::kPartial, ReceiptState::kComplete}) {
    Receipt receipt = Example();
    receipt.state = state;
    const Result<Receipt> read = ParseReceipt(ReceiptToJson(receipt), "r");
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, receipt);
    EXPECT_EQ(read->resumable(), state != ReceiptState::kComplete);
  }
}

TEST(Receipt, AnyPrefixIsRefused) {
  std::string json = ReceiptToJson(Example());
  while (json.ends_with('\n')) json.pop_back();
  for (size_t size = 0; size < json.size(); ++size) {
    ASSERT_FALSE(ParseReceipt(json.substr(0, size), "r").ok()) << size;
  }
}

class ReceiptFileTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() /
                 ("forebay_receipt_" + std::to_string(getpid()) + "_" +
                  testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string Path(const std::string& name) const { return (directory_ / name).string(); }
  std::filesystem::path directory_;
};

TEST_F(ReceiptFileTest, EachWriteReplaces) {
  Receipt receipt = Example();
  auto file = ReceiptFile::Create(Path("new/deep/r.json"), receipt.run);
  ASSERT_TRUE(file.ok()) << file.error().message();
  for (const uint64_t seed : {1, 2}) {
    receipt.seed = seed;
    ASSERT_TRUE(file->Write(receipt).ok());
    const auto read = ReadReceipt(Path("new/deep/r.json"));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->seed, seed);
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_ / "new/deep"), {}), 1);
}

TEST_F(ReceiptFileTest, ARunThatStillProducesIsNotResumed) {
  const Receipt receipt = Example();
  {
    auto producing = ReceiptFile::Create(Path("r.json"), receipt.run);
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(producing->Write(receipt).ok());
      const auto resumed = ReceiptFile::Resume(Path("r.json"));
      ASSERT_FALSE(resumed.ok());
      EXPECT_EQ(resumed.error().code(), ErrorCode::kLockHeld);
    }
  }
  auto resumed = ReceiptFile::Resume(Path("r.json"));
  ASSERT_TRUE(resumed.ok()) << resumed.error().message();
  EXPECT_FALSE(ReceiptFile::Resume(Path("r.json")).ok());
  EXPECT_TRUE(resumed->Write(receipt).ok());
  EXPECT_FALSE(ReceiptFile::Resume(Path("r.json")).ok());
  EXPECT_EQ(ReceiptFile::Resume(Path("none.json")).error().code(), ErrorCode::kInvalidArgument);
}

TEST_F(ReceiptFileTest, NeverReplacesAnotherRunsReceipt) {
  Receipt receipt = Example();
  auto first = ReceiptFile::Create(Path("r.json"), receipt.run);
  auto racing = ReceiptFile::Create(Path("r.json"), "another");
  ASSERT_TRUE(first->Write(receipt).ok());
  const auto second = ReceiptFile::Create(Path("r.json"), "another");
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message(), HasSubstr("another run (20251030T120000Z-4f2a9c1b)"));
  Receipt other = Example();
  other.run = "another";
  EXPECT_FALSE(racing->Write(other).ok());
  EXPECT_EQ(ReadReceipt(Path("r.json"))->run, receipt.run);
}

TEST_F(ReceiptFileTest, NeverReplacesAnotherFile) {
  std::ofstream(Path("notes.txt")) << "do not lose me";
  const auto file = ReceiptFile::Create(Path("notes.txt"), "run");
  ASSERT_FALSE(file.ok());
  EXPECT_THAT(file.error().message(), HasSubstr("is not a receipt"));
}

TEST_F(ReceiptFileTest, RejectsDevicesAndPipes) {
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  for (const std::string& path : {std::string("/dev/full"), Path("pipe"), directory_.string()}) {
    const auto file = ReceiptFile::Create(path, "run");
    ASSERT_FALSE(file.ok()) << path;
    EXPECT_THAT(file.error().message(), HasSubstr("is not a receipt")) << path;
  }
}

}  // namespace
}  // namespace forebay
