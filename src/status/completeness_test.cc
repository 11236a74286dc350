#include "status/completeness.h"

#include <gmock/gmock.h>

#include "status/lake_status.h"
#include "status/lake_sums.h"
#include "testlake/test_lake.h"

namespace forebay {
namespace {

using testing::HasSubstr;

constexpr int64_t kHourMs = 3'600'000;

// The period 2025-11-01, evaluated at noon of 2025-11-02.
class Evaluation : public testing::Test {
 protected:
  Completeness Evaluate(bool unpublished = false) {
    return EvaluatePeriod(NovemberUs(2), partitions_, unpublished, options_);
  }

  CompletenessOptions options_{kHourMs, kHourMs / 6, NovemberUs(2, 12) / 1000};
  std::map<PartitionId, PartitionAdvance> partitions_{
      {PartitionId(0),
       {{{BatchId(1), NovemberUs(1, 5)}, {BatchId(4), NovemberUs(2, 1)}}, Offset(10), {}, {}}},
      {PartitionId(1), {{{BatchId(6), NovemberUs(2, 3)}}, Offset(20), {}, {}}}};
};

TEST_F(Evaluation, CompleteWhenEveryPartitionIsPastTheGrace) {
  const Completeness result = Evaluate();
  EXPECT_EQ(result.state, PeriodState::kComplete);
  EXPECT_EQ(result.completed_by, BatchId(6));
}

TEST_F(Evaluation, OneMicrosecondShortOfTheGraceIsNotEnough) {
  partitions_[PartitionId(0)].max_event_us.back().second -= 1;
  EXPECT_EQ(Evaluate().state, PeriodState::kUnknown);
  partitions_[PartitionId(0)].stable = Offset(11);
  EXPECT_EQ(Evaluate().state, PeriodState::kOpen);
  EXPECT_THAT(Evaluate().waits_for, HasSubstr("partition 0: 1 records not landed yet"));
}

TEST_F(Evaluation, IdlePartitionsThatAreLandedToTheirEndAreComplete) {
  PartitionAdvance& idle = partitions_[PartitionId(0)];
  idle.max_event_us.pop_back();
  idle.stable = idle.next;
  idle.last_active_ms = options_.now_ms - options_.idle_ms;
  EXPECT_EQ(Evaluate().state, PeriodState::kComplete);
  EXPECT_FALSE(Evaluate().completed_by.has_value());
  idle.last_active_ms = options_.now_ms - options_.idle_ms + 1;
  EXPECT_EQ(Evaluate().state, PeriodState::kOpen);
  EXPECT_THAT(Evaluate().waits_for, HasSubstr("2025-11-01T05:00:00Z"));
}

TEST_F(Evaluation, APartitionThatNeverHadARecordIsIdle) {
  partitions_[PartitionId(2)].stable = Offset(0);
  EXPECT_EQ(Evaluate().state, PeriodState::kComplete);
  partitions_[PartitionId(2)].stable = Offset(1);
  EXPECT_EQ(Evaluate().state, PeriodState::kOpen);
}

TEST_F(Evaluation, RecordsBehindAnOpenTransactionPreventIdleness) {
  PartitionAdvance& idle = partitions_[PartitionId(0)];
  idle.max_event_us.pop_back();
  idle.stable = idle.next;
  EXPECT_EQ(Evaluate().state, PeriodState::kComplete);
  idle.held_back = 1001;
  EXPECT_EQ(Evaluate().state, PeriodState::kOpen);
  EXPECT_EQ(Evaluate().waits_for, "partition 0: 1001 records behind an open transaction");
}

TEST_F(Evaluation, IdlenessDoesNotCompleteACurrentPeriod) {
  for (auto& [id, partition] : partitions_) {
    partition.max_event_us.clear();
    partition.stable = partition.next;
    partition.last_active_ms = 0;
  }
  EXPECT_EQ(Evaluate().state, PeriodState::kComplete);
  options_.now_ms = NovemberUs(2) / 1000 + options_.grace_ms - 1;
  EXPECT_EQ(Evaluate().state, PeriodState::kOpen);
}

TEST_F(Evaluation, AHalfPublishedBatchPreventsCompletion) {
  EXPECT_EQ(Evaluate(true).state, PeriodState::kOpen);
  EXPECT_EQ(Evaluate(true).waits_for, "a batch is half published");
}

class StatusOfALake : public testing::Test {
 protected:
  LakeStatus Read() const {
    StatusOptions options;
    options.lake = lake_.dir();
    options.completeness.now_ms = NovemberUs(20) / 1000;
    auto status = ReadLakeStatus(options);
    EXPECT_TRUE(status.ok()) << status.error().message();
    return *status;
  }
  TestLake lake_;
};

TEST_F(StatusOfALake, AnEmptyLakeHasNoTables) {
  const LakeStatus status = Read();
  EXPECT_EQ(status.last_batch, BatchId(0));
  EXPECT_FALSE(status.last_landed_at_ms.has_value());
  ASSERT_EQ(status.tables.size(), 2u);
  EXPECT_EQ(status.tables[0].partitions.size(), 2u);
  EXPECT_TRUE(status.tables[0].periods.empty());
}

TEST_F(StatusOfALake, SumsLandedRecords) {
  lake_.LandTwoBatches();
  const LakeStatus status = Read();
  const TableStatus& events = status.tables[0];
  EXPECT_EQ(events.rows, 199u);
  EXPECT_EQ(events.quarantined.at("not_json"), 1u);
  EXPECT_EQ(events.newest_event_us, NovemberUs(1, 99));
  EXPECT_EQ(events.newest_kafka_ms, NovemberUs(7) / 1000);
  EXPECT_EQ(events.partitions[1].next, Offset(100));
  ASSERT_EQ(events.periods.size(), 5u);
  EXPECT_EQ(events.periods[2].period, "2025-11-03");
  EXPECT_EQ(events.periods[2].rows, 48u);
  EXPECT_EQ(events.periods[2].last_batch, BatchId(2));
  // Both partitions have landed 2025-11-05T03:00. Four days are complete, including their hour of grace; only
  // only the brokers know whether the fifth is.
  EXPECT_EQ(events.periods[3].state, PeriodState::kComplete);
  EXPECT_EQ(events.periods[3].completed_by, BatchId(2));
  EXPECT_EQ(events.periods[4].state, PeriodState::kUnknown);
}

TEST_F(StatusOfALake, ALateRecordReopensItsDateAndChangesItsChecksum) {
  lake_.LandTwoBatches();
  const PeriodStatus before = Read().tables[0].periods[0];
  EXPECT_FALSE(before.reopened);
  lake_.Land({{{0, 100, 101}}, {{0, 100, "late", NovemberUs(1, 1)}}, {}});
  const PeriodStatus after = Read().tables[0].periods[0];
  EXPECT_TRUE(after.reopened);
  EXPECT_EQ(after.last_batch, BatchId(3));
  EXPECT_EQ(after.completed_by, before.completed_by);
  EXPECT_EQ(after.rows, before.rows + 1);
  EXPECT_NE(after.checksum, before.checksum);
}

TEST_F(StatusOfALake, AHalfPublishedBatchIsNotCountedAndKeepsDatesOpen) {
  lake_.LandTwoBatches();
  TestBatch batch{{{0, 100, 101}}, {{0, 100, "late", NovemberUs(1, 1)}}, {}};
  batch.publish = false;
  lake_.Land(batch);
  const LakeStatus status = Read();
  EXPECT_THAT(status.half_published, testing::ElementsAre(BatchId(3)));
  EXPECT_EQ(status.tables[0].rows, 199u);
  EXPECT_EQ(status.tables[0].periods[0].state, PeriodState::kOpen);
}

TEST_F(StatusOfALake, BrokersGiveLagNewPartitionsAndIdleness) {
  lake_.LandTwoBatches();
  const OpenedLake opened = std::move(*OpenLakeForReading(PosixFs(), lake_.dir()));
  const LedgerSnapshot snapshot = *opened.ledger->Snapshot();
  TopicsAtBrokers brokers;
  TopicAtBroker& topic = brokers["t.events"];
  for (int32_t p = 0; p < 2; ++p) topic.marks[PartitionId(p)] = {Offset(0), Offset(100), Offset(100)};
  CompletenessOptions options;
  options.now_ms = NovemberUs(20) / 1000;
  const auto tables = [&](const TopicsAtBrokers& at_brokers) {
    LakeSums sums;
    for (const LedgerBatch& batch : snapshot.batches) sums.Add(batch, snapshot.topics);
    return sums.Tables(snapshot, at_brokers, options);
  };
  TableStatus events = tables(brokers)[0];
  EXPECT_EQ(events.lag(), 0);
  EXPECT_EQ(events.held_back(), 0);
  EXPECT_EQ(events.periods[4].state, PeriodState::kComplete);

  topic.marks[PartitionId(1)].end = Offset(130);
  events = tables(brokers)[0];
  EXPECT_EQ(events.lag(), 0);
  EXPECT_EQ(events.held_back(), 30);
  EXPECT_EQ(events.periods[0].state, PeriodState::kComplete);  // by events
  EXPECT_EQ(events.periods[4].state, PeriodState::kOpen);
  EXPECT_EQ(events.periods[4].waits_for, "partition 1: 30 records behind an open transaction");

  topic.marks[PartitionId(1)].stable = Offset(130);
  topic.marks[PartitionId(2)] = {Offset(0), Offset(4), Offset(4)};
  events = tables(brokers)[0];
  EXPECT_EQ(events.lag(), 34);
  EXPECT_EQ(events.partitions.size(), 3u);
  EXPECT_EQ(events.periods[0].state, PeriodState::kOpen);
  EXPECT_EQ(events.periods[0].waits_for, "partition 2: 4 records not landed yet");
}

}  // namespace
}  // namespace forebay
