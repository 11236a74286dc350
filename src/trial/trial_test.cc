#include "trial/trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/time.h"
#include "contract/testing.h"

namespace forebay {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr int64_t kKafkaMs = 1'761'825'600'000;  // 2025-10-30T12:00:00Z

class TrialTest : public testing::Test {
 protected:
  void SetUp() override {
    contract_ = *ParseContract(kValid, "test.odcs.yaml");
    trial_ = *Trial::Create(contract_, *contract_.FindTable("events"));
  }

  void Add(std::optional<std::string_view> value, int64_t timestamp_ms = kKafkaMs) {
    RecordView record;
    record.partition = PartitionId(2);
    record.offset = Offset(offset_++);
    record.timestamp_ms = timestamp_ms;
    record.value = value;
    ASSERT_TRUE(trial_->Add(record).ok());
  }
  void AddRow(const std::string& day, const std::string& members = "") {
    Add(R"({"id":"a","at":"2025-10-)" + day + R"(T11:00:00Z")" + members + "}");
  }

  Contract contract_;
  std::unique_ptr<Trial> trial_;
  int64_t offset_ = 0;
};

TEST_F(TrialTest, CountsWhatALandingWouldMakeOfEachRecord) {
  AddRow("29", R"(,"extr":"x","n":1)");
  AddRow("30", R"(,"extr":"x")");
  AddRow("30");
  Add("[1]");
  Add(R"({"id":7,"at":"2025-10-30T11:00:00Z"})");
  Add(R"({"id":8,"at":"2025-10-30T11:00:00Z"})", -1);
  Add(std::nullopt, 1'761'825'600);  // seconds
  const TrialReport report = *trial_->Finish();
  EXPECT_EQ(report.records, 7);
  EXPECT_EQ(report.rejected, 3);
  EXPECT_EQ(report.tombstones, 1);
  EXPECT_EQ(report.untimed, 2);
  EXPECT_EQ(report.fields.rows, 3);
  ASSERT_EQ(report.directories.size(), 2u);
  EXPECT_EQ(report.directories.at("date=2025-10-29").rows, 1);
  EXPECT_EQ(report.directories.at("date=2025-10-30").rows, 2);
  EXPECT_EQ(report.other_directories.rows, 0);
  EXPECT_THAT(report.fields.unknown, UnorderedElementsAre(Pair("extr", 2), Pair("n", 1)));
  EXPECT_THAT(report.fields.always_missing(), ElementsAre("extra"));
  const std::vector<RejectGroup> groups = report.rejects.Largest();
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].field, "id");
  EXPECT_EQ(groups[0].reason, "wrong_type");
  EXPECT_EQ(groups[0].records, 2u);
  EXPECT_EQ(groups[0].samples[0].offset, Offset(4));
}

TEST_F(TrialTest, SizesAreThoseOfRealParquet) {
  for (int i = 0; i < 1000; ++i) {
    AddRow("30", R"(,"extra":")" + std::to_string(i * 7919) + "\"");
  }
  const TrialReport report = *trial_->Finish();
  EXPECT_EQ(report.file_bytes, report.directories.at("date=2025-10-30").bytes);
  EXPECT_GT(report.row_bytes, 3'000u) << "a thousand different numbers";
  EXPECT_LT(report.row_bytes, report.value_bytes / 4) << "most of the records' bytes repeat";
  EXPECT_GT(report.file_bytes, report.row_bytes + 500) << "a file has a footer";
  EXPECT_LT(report.file_bytes, report.row_bytes + 20'000);
}

TEST_F(TrialTest, NothingMakesNothing) {
  const TrialReport report = *trial_->Finish();
  EXPECT_EQ(report.records, 0);
  EXPECT_TRUE(report.directories.empty());
  EXPECT_TRUE(report.fields.missing.empty());
}

TEST_F(TrialTest, DirectoriesBeyondTheFirstAreCountedTogether) {
  auto others = *Trial::Create(contract_, *contract_.FindTable("others"));
  const auto add_days = [&](int64_t days) {
    for (int64_t day = 0; day < days; ++day) {
      const std::string value = "{\"day\":\"" + FormatTimestamp(day * kMicrosPerDay).substr(0, 10) + "\"}";
      RecordView record;
      record.value = value;
      ASSERT_TRUE(others->Add(record).ok());
    }
  };
  constexpr int64_t kMost = TrialReport::kMaxDirectories;
  add_days(kMost + 100);
  add_days(10);
  const TrialReport report = *others->Finish();
  EXPECT_EQ(report.fields.rows, kMost + 110);
  EXPECT_EQ(report.directories.size(), TrialReport::kMaxDirectories);
  EXPECT_EQ(report.directories.at("day=1970-01-01").rows, 2);
  EXPECT_EQ(report.other_directories.rows, 100);
}

}  // namespace
}  // namespace forebay
