#include "external/proposal.h"

#include <arrow/array/util.h>
#include <gtest/gtest.h>

#include "compare/fingerprint.h"
#include "external/testing.h"
#include "ledger/rules.h"

namespace forebay {
namespace {

using testing::DecodeRecords;
using testing::MakeContract;
using testing::MakeTable;
using testing::TestDisk;
using testing::TestRecord;
using testing::Value;

const TopicId kTopic("AAAAAAAAAAAAAAAAAAAAAQ");

// The manifests of a batch of two Kafka partitions, each decoded and staged by its own task.
class ProposalTest : public ::testing::Test {
 protected:
  ProposalTest() {
    plan_.tables.push_back({std::shared_ptr<const Table>(contract_, &contract_->tables.front()), nullptr});
    plan_.Add(LandTopic{"things", kTopic});
    Task({{.offset = 10, .value = Value(10)},
          {.offset = 11, .value = "{"},
          {.offset = 12, .value = std::nullopt},
          {.offset = 14, .value = Value(14, 29), .timestamp_ms = testing::kKafkaMs + 9}});
    Task({{.partition = 1, .offset = 0, .value = Value(0)}});
  }

  // `more`: the type of a column that a transform added; null: none.
  void Task(const std::vector<TestRecord>& records, const std::shared_ptr<arrow::DataType>& more = nullptr) {
    DecodedBatch decoded = DecodeRecords(contract_, records);
    if (more != nullptr) {
      const auto nulls = arrow::MakeArrayOfNull(more, decoded.rows->num_rows()).ValueOrDie();
      decoded.rows = decoded.rows->AddColumn(0, arrow::field("more", more), nulls).ValueOrDie();
    }
    auto stager = disk_.Open(contract_);
    ASSERT_TRUE((*stager)->AddRows(*decoded.rows).ok());
    ASSERT_TRUE((*stager)->AddRejects(*decoded.rejects).ok());
    ASSERT_TRUE((*stager)->AddTombstones(*decoded.tombstones).ok());
    const auto manifests = (*stager)->Finish();
    ASSERT_TRUE(manifests.ok());
    manifests_.insert(manifests_.end(), manifests->begin(), manifests->end());
    decoded_.push_back(WriteManifest(decoded.stats));
  }

  static LandedRecord LastRecord(int64_t offset, int64_t timestamp_ms, const std::string& value) {
    return {Offset(offset), FingerprintOf(Offset(offset), timestamp_ms, "k", value), std::nullopt};
  }
  static EngineRange Range(int32_t partition, int64_t from, int64_t to) {
    return {"things", PartitionId(partition), {Offset(from), Offset(to)}};
  }
  Result<BatchProposal> Build(const std::vector<EngineRange>& ranges) const {
    return BuildProposal({contract_.get(), &plan_, testing::kTestLakeId, "test"}, ranges, manifests_,
                         decoded_);
  }
  std::string Refusal(const std::vector<EngineRange>& ranges) const {
    const auto proposal = Build(ranges);
    if (proposal.ok()) return CheckProposal(*proposal).ok() ? "" : CheckProposal(*proposal).error().message();
    EXPECT_EQ(proposal.error().code(), ErrorCode::kInvalidArgument);
    return proposal.error().message();
  }
  void ExpectRefusal(const std::string& text) const {
    const std::string refusal = Refusal(kWhole);
    EXPECT_NE(refusal.find(text), std::string::npos) << refusal;
  }

  const std::vector<EngineRange> kWhole = {Range(0, 8, 20), Range(1, 0, 1), Range(2, 5, 5)};
  std::shared_ptr<const Contract> contract_ = MakeContract(MakeTable({}));
  LandPlan plan_;
  TestDisk disk_;
  std::vector<std::string> manifests_;
  std::vector<std::string> decoded_;
};

TEST_F(ProposalTest, IsWhatTheNativeLanderWouldPropose) {
  const auto proposal = Build(kWhole);
  ASSERT_TRUE(proposal.ok()) << proposal.error().message();
  ASSERT_TRUE(CheckProposal(*proposal).ok()) << CheckProposal(*proposal).error().message();
  EXPECT_EQ(proposal->engine, "test");
  EXPECT_EQ(proposal->contract_yaml, contract_->yaml);
  const std::vector<BatchRange> expected = {{{kTopic, PartitionId(0)},
                                             {Offset(8), Offset(20)},
                                             2,
                                             1,
                                             1,
                                             testing::kKafkaMs * 1000,
                                             testing::kKafkaMs + 9,
                                             LastRecord(14, testing::kKafkaMs + 9, Value(14, 29))},
                                            {{kTopic, PartitionId(1)},
                                             {Offset(0), Offset(1)},
                                             1,
                                             0,
                                             0,
                                             testing::kKafkaMs * 1000,
                                             testing::kKafkaMs,
                                             LastRecord(0, testing::kKafkaMs, Value(0))}};
  EXPECT_EQ(proposal->ranges, expected);
  EXPECT_EQ(proposal->quarantine, (std::vector<QuarantineCount>{{"things", "not_json", 1}}));
  ASSERT_EQ(proposal->files.size(), 4u);
  EXPECT_EQ(proposal->files[0].table, "quarantine");
}

TEST_F(ProposalTest, ARangeWithoutRecordsNeedsNoFiles) {
  manifests_.clear();
  decoded_.clear();
  const auto proposal = Build({Range(0, 0, 7)});
  ASSERT_TRUE(proposal.ok());
  EXPECT_TRUE(CheckProposal(*proposal).ok());
  EXPECT_TRUE(Build({Range(0, 7, 7)})->ranges.empty());
}

TEST_F(ProposalTest, NamesTheColumnsThatATransformAdded) {
  EXPECT_TRUE(Build(kWhole)->added_columns.empty());
  Task({{.partition = 2, .offset = 0, .value = Value(0)}}, arrow::large_utf8());
  Task({{.partition = 2, .offset = 1, .value = Value(1)}}, arrow::utf8());
  const std::vector<EngineRange> ranges = {Range(0, 8, 20), Range(1, 0, 1), Range(2, 0, 9)};
  EXPECT_EQ(Build(ranges)->added_columns, (std::vector<AddedColumn>{{"things", "more", "string"}}));
  Task({{.partition = 2, .offset = 2, .value = Value(2)}}, arrow::int32());
  const auto refused = Build(ranges);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_NE(refused.error().message().find("column more with type int32"), std::string::npos);
}

TEST_F(ProposalTest, RecordsLieWithinTheRanges) {
  EXPECT_NE(Refusal({Range(0, 11, 20), Range(1, 0, 1)}).find("records 10 to 14"), std::string::npos);
  EXPECT_NE(Refusal({Range(0, 8, 14), Range(1, 0, 1)}).find("records 10 to 14"), std::string::npos);
  EXPECT_NE(Refusal({Range(0, 8, 20)}).find("no range of it"), std::string::npos);
  EXPECT_NE(Refusal({Range(0, 8, 20), Range(1, 0, 0)}).find("no range of it"), std::string::npos);
  EXPECT_NE(Refusal({Range(0, 8, 20), Range(1, 1, 0)}).find("ends before it begins"), std::string::npos);
  EXPECT_NE(Refusal({Range(0, 8, 20), Range(1, 0, 1), Range(1, 0, 1)}).find("two ranges"), std::string::npos);
  EXPECT_NE(Refusal({{"other", PartitionId(0), {Offset(0), Offset(1)}}}).find("not being landed"),
            std::string::npos);
}

TEST_F(ProposalTest, ManifestsThatAreMissingOrDoubledAreNoticed) {
  const std::vector<std::string> all = manifests_;
  for (size_t i = 0; i < all.size(); ++i) {
    manifests_ = all;
    manifests_.erase(manifests_.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_NE(Refusal(kWhole), "") << all[i];
    manifests_ = all;
    manifests_.push_back(all[i]);
    EXPECT_NE(Refusal(kWhole), "") << all[i];
  }
}

TEST_F(ProposalTest, WhatWasStagedIsHeldAgainstWhatWasDecoded) {
  decoded_.pop_back();
  ExpectRefusal("added 1");
  decoded_.clear();
  EXPECT_EQ(Refusal(kWhole), "");  // without statistics of decoded records
  decoded_ = {manifests_.front()};
  ExpectRefusal("no partition statistics");
}

// Such a time would stay in the ledger permanently, and no command could show it.
TEST_F(ProposalTest, TimesThatNoCalendarHasAreRefused) {
  const std::vector<std::string> all = manifests_;
  size_t times = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    for (const std::string name :
         {"min_event_time_us", "max_event_time_us", "last_kafka_timestamp_ms", "last_timestamp_offset"}) {
      const size_t at = all[i].find('"' + name + "\":");
      if (at == std::string::npos) continue;
      const size_t begin = at + name.size() + 3;
      const size_t end = all[i].find_first_of(",}", begin);
      manifests_ = all;
      manifests_[i].replace(begin, end - begin, name.ends_with("offset") ? "null" : "9223372036854775807");
      ExpectRefusal(name.ends_with("offset") ? "a timestamp without its offset"
                                             : "'" + name + "' in " + (name[0] == 'l' ? "a partition" : ""));
      ++times;
    }
  }
  EXPECT_GE(times, 6u);
}

TEST_F(ProposalTest, DocumentsOfOthersAreRefused) {
  manifests_.push_back("{}");
  ExpectRefusal("is not a valid manifest");
  manifests_.pop_back();
  const auto refused_as = [&](const ManifestOrigin& origin, const std::string& text) {
    manifests_.push_back(WriteManifest(PartitionStatsManifest{origin, "things", {}}));
    ExpectRefusal(text);
    manifests_.pop_back();
  };
  const auto own = std::get<FieldStatsManifest>(*ReadManifest(manifests_.back())).origin;
  refused_as({own.contract_hash, "other", own.engine, own.engine_version}, "of lake other");
  refused_as({"other", own.lake_id, own.engine, own.engine_version}, "of contract other");
  refused_as({own.contract_hash, own.lake_id, "spark", own.engine_version}, "of engine spark");
  refused_as({own.contract_hash, own.lake_id, own.engine, "9"}, "of Forebay version 9");
}

}  // namespace
}  // namespace forebay
