#include "native/batch_in_progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace forebay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const TopicId kTopic("topicAAAAAAAAAAAAAAAAA");

PartitionInBatch Progress(int32_t partition, int64_t from, int64_t to, bool owned = true) {
  PartitionInBatch progress;
  progress.owned = owned;
  progress.end = Offset(1000);
  progress.range.partition = {kTopic, PartitionId(partition)};
  progress.range.offsets = {Offset(from), Offset(to)};
  progress.range.rows = to - from;
  progress.range.max_event_time_us = 7;
  progress.range.last_kafka_timestamp_ms = 8;
  return progress;
}

BatchInProgress Filled() {
  BatchInProgress batch;
  batch.topics.resize(2);
  batch.topics[1].partitions = {Progress(0, 10, 15), Progress(1, 20, 20), Progress(2, 0, 5, false)};
  batch.tables.resize(2);
  batch.tables[1].blocks.resize(3);
  batch.quarantine[1] = {};
  batch.rejects[{1, Reason::kNotJson}] = 2;
  batch.files.insert({1, 0});
  batch.file_bytes = 4;
  batch.records = batch.bytes = 5;
  batch.reported_records = batch.reported_bytes = 3;
  batch.began = 1.5;
  batch.too_many_directories = true;
  return batch;
}

TEST(BatchInProgressTest, TheNextBatchContinuesAtTheSameOffsets) {
  const BatchInProgress next = BatchInProgress::After(Filled());
  ASSERT_EQ(next.topics.size(), 2u);
  const auto& partitions = next.topics[1].partitions;
  ASSERT_EQ(partitions.size(), 3u);
  BatchRange expected;
  expected.partition = {kTopic, PartitionId(0)};
  expected.offsets = {Offset(15), Offset(15)};
  EXPECT_EQ(partitions[0].range, expected) << "no counts, no times";
  EXPECT_EQ(partitions[0].end, Offset(1000));
  EXPECT_TRUE(partitions[0].owned);
  EXPECT_FALSE(partitions[2].owned);
}

TEST(BatchInProgressTest, TheNextBatchIsEmpty) {
  const BatchInProgress next = BatchInProgress::After(Filled());
  EXPECT_THAT(next.Ranges(), IsEmpty());
  EXPECT_THAT(next.tables[1].blocks, IsEmpty());
  EXPECT_TRUE(next.quarantine.empty() && next.rejects.empty() && next.files.empty());
  EXPECT_EQ(next.file_bytes + next.records + next.bytes + next.reported_records + next.reported_bytes, 0);
  EXPECT_EQ(next.began, std::nullopt);
  EXPECT_FALSE(next.too_many_directories);
}

TEST(BatchInProgressTest, RangesAreOfTheShardsPartitionsThatAdvanced) {
  const BatchInProgress batch = Filled();
  EXPECT_THAT(batch.Ranges(), ElementsAre(batch.topics[1].partitions[0].range));
}

TEST(BatchInProgressTest, RejectsAreCountedByReasonAndByTable) {
  LandPlan plan;
  for (const char* name : {"clicks", "orders"}) {
    Table table;
    table.name = name;
    plan.tables.push_back({std::make_shared<const Table>(table), nullptr});
  }
  plan.Add({"shop.clicks", TopicId("AAAAAAAAAAAAAAAAAAAAAA"), 0});
  plan.Add({"shop.orders", kTopic, 1});
  const std::vector<QuarantineCount> counts = Filled().QuarantineCounts(plan);
  ASSERT_EQ(counts.size(), 1u);
  EXPECT_EQ(counts[0].table, "orders");
  EXPECT_EQ(counts[0].reason, "not_json");
  BatchInProgress batch = Filled();
  batch.topics[1].partitions[0].range.quarantined = 2;
  const std::vector<TableOutcome> outcomes = batch.Outcomes(plan);
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes[0].rows + outcomes[0].rejected, 0);
  EXPECT_EQ(outcomes[1].table, "orders");
  EXPECT_EQ(outcomes[1].rows, 5) << "those of the shard's own partitions";
  EXPECT_EQ(outcomes[1].rejected, 2);
}

TEST(BatchInProgress, TheRecordBeforeALostConnectionIsConfirmedOnce) {
  BatchInProgress batch = Filled();
  const LandedRecord last{Offset(14), 7, LeaderEpoch(1)};
  batch.topics[1].partitions[0].last_record = last;
  batch.NoteLostConnection();
  batch = BatchInProgress::After(batch);  // no message has come yet
  PartitionInBatch& progress = batch.topics[1].partitions[0];
  ASSERT_TRUE(progress.lost_connection);
  batch.ConfirmLastRecord(progress);
  EXPECT_FALSE(progress.lost_connection);
  ASSERT_EQ(batch.to_confirm.size(), 1u);
  EXPECT_EQ(batch.to_confirm[0].second, last);
}

}  // namespace
}  // namespace forebay
