#include "status/completeness.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "status/lake_status.h"
#include "status/lake_sums.h"
#include "testlake/test_lake.h"

namespace forebay {
namespace {

using testing::HasSubstr;

kafka::NamedPartition Of(int32_t partition, const std::string& topic = "events") {
  return {topic, PartitionId(partition)};
}

// The period 2025-11-01, evaluated at noon of 2025-11-02.
class Evaluation : public testing::Test {
 protected:
  Evaluation() {
    options_.now_ms = NovemberUs(2, 12) / 1000;
    Land(0, 1, NovemberUs(1, 5), NovemberUs(1, 5));
    Land(0, 4, NovemberUs(2, 1), NovemberUs(2, 1));
    Land(1, 6, NovemberUs(2, 3), NovemberUs(2, 3));
    partitions_[Of(0)].next = Offset(10);
    partitions_[Of(1)].next = Offset(20);
  }

  Completeness Evaluate(bool unpublished = false) {
    return EvaluatePeriod(NovemberUs(2), partitions_, newest_kafka_ms_, unpublished, options_);
  }
  // Lands a record with these times; `landed_us` is what this machine's clock said meanwhile.
  void Land(int32_t partition, int64_t batch_id, int64_t event_us, std::optional<int64_t> kafka_us,
            int64_t landed_us = NovemberUs(2, 11)) {
    LedgerBatch batch;
    batch.id = BatchId(batch_id);
    batch.decided_at_ms = landed_us / 1000;
    BatchRange range;
    range.offsets.to = Offset(1);
    range.rows = 1;
    range.max_event_time_us = event_us;
    if (kafka_us) {
      range.last_kafka_timestamp_ms = *kafka_us / 1000;
      newest_kafka_ms_ = std::max(newest_kafka_ms_.value_or(0), *kafka_us / 1000);
    }
    partitions_[Of(partition)].Add(batch, range);
  }
  // Both partitions landed the day at noon, and are at their ends.
  void BecomeIdleAtNoon() {
    partitions_.clear();
    newest_kafka_ms_.reset();
    for (const int32_t p : {0, 1}) {
      Land(p, p + 1, NovemberUs(1, 12), NovemberUs(1, 12), NovemberUs(1, 12));
      partitions_[Of(p)].stable = partitions_[Of(p)].next;
    }
  }

  CompletenessOptions options_;
  PartitionAdvances partitions_;
  std::optional<int64_t> newest_kafka_ms_;
};

TEST_F(Evaluation, CompleteWhenEveryPartitionIsPastTheGrace) {
  const Completeness result = Evaluate();
  EXPECT_EQ(result.state, PeriodState::kComplete);
  EXPECT_EQ(result.completed_by, BatchId(6));
}

TEST_F(Evaluation, OneMicrosecondShortOfTheGraceIsNotEnough) {
  partitions_.erase(Of(0));
  Land(0, 4, NovemberUs(2, 1) - 1, NovemberUs(2, 1));
  partitions_[Of(0)].next = Offset(10);
  EXPECT_EQ(Evaluate().state, PeriodState::kUnknown);
  partitions_[Of(0)].stable = Offset(11);
  EXPECT_EQ(Evaluate().state, PeriodState::kOpen);
  EXPECT_THAT(Evaluate().waits_for, HasSubstr("partition 0: 1 records not landed yet"));
}

TEST_F(Evaluation, IdlePartitionsThatAreLandedToTheirEndAreComplete) {
  partitions_.erase(Of(0));
  const int64_t idle_since_us = (options_.now_ms - options_.idle_ms) * 1000;
  Land(0, 1, NovemberUs(1, 5), idle_since_us, NovemberUs(2, 12));
  PartitionAdvance& idle = partitions_[Of(0)];
  idle.stable = idle.next;
  EXPECT_EQ(Evaluate().state, PeriodState::kComplete);
  EXPECT_FALSE(Evaluate().completed_by.has_value());
  options_.now_ms -= 1;
  EXPECT_EQ(Evaluate().state, PeriodState::kOpen);
  EXPECT_THAT(Evaluate().waits_for, HasSubstr("2025-11-01T05:00:00Z"));
}

TEST_F(Evaluation, APartitionThatNeverHadARecordIsIdle) {
  partitions_[Of(2)].stable = Offset(0);
  EXPECT_EQ(Evaluate().state, PeriodState::kComplete);
  partitions_[Of(2)].stable = Offset(1);
  EXPECT_EQ(Evaluate().state, PeriodState::kOpen);
}

TEST_F(Evaluation, RecordsBehindAnOpenTransactionPreventIdleness) {
  BecomeIdleAtNoon();
  options_.clock_confirmed = true;
  EXPECT_EQ(Evaluate().state, PeriodState::kComplete);
  partitions_[Of(0)].held_back = 1001;
  EXPECT_EQ(Evaluate().state, PeriodState::kOpen);
  EXPECT_EQ(Evaluate().waits_for, "partition 0: 1001 records behind an open transaction");
}

TEST_F(Evaluation, ALogThatEndsBeforeWhatWasLandedIsNotIdle) {
  BecomeIdleAtNoon();
  options_.clock_confirmed = true;
  PartitionAdvance& cut = partitions_[Of(0)];
  cut.next = Offset(100);
  cut.stable = Offset(70);
  EXPECT_EQ(Evaluate().state, PeriodState::kComplete);  // landed after the brokers were asked
  cut.cut_back = 30;
  EXPECT_EQ(Evaluate().state, PeriodState::kOpen);
  EXPECT_EQ(Evaluate().waits_for, "partition 0: the log ends at offset 70, and was landed up to offset 100");
}

// Otherwise the last minutes before an adoption, and the adopted log's records of them, would be forgotten.
TEST_F(Evaluation, AnAdoptedLogIsNotIdleBecauseNothingWasLandedOfIt) {
  partitions_.erase(Of(0));
  options_.clock_confirmed = true;
  Land(0, 1, NovemberUs(1, 5), (options_.now_ms - 60'000) * 1000, NovemberUs(2, 12));
  PartitionAdvance& adopted = partitions_[Of(0)];
  adopted.stable = adopted.next = Offset(0);
  const TopicPartition log{TopicId(), PartitionId(0), Incarnation(2)};
  adopted.Follow(log, {{log, Offset(0), Offset(0), options_.now_ms, std::nullopt}});
  EXPECT_EQ(Evaluate().state, PeriodState::kOpen);
  EXPECT_EQ(Evaluate().waits_for, "partition 0: no event of the adopted log landed yet");
  options_.now_ms += options_.idle_ms;
  EXPECT_EQ(Evaluate().state, PeriodState::kComplete);
}

TEST_F(Evaluation, NothingCompletesAPeriodBeforeItIsOver) {
  EXPECT_EQ(Evaluate().state, PeriodState::kComplete);
  options_.now_ms = NovemberUs(2) / 1000 + options_.grace_ms - 1;
  EXPECT_EQ(Evaluate().state, PeriodState::kOpen);
  EXPECT_FALSE(Evaluate().completed_by.has_value());
  EXPECT_EQ(Evaluate().waits_for, "its end and the grace period, at 2025-11-02T01:00:00Z");
  options_.now_ms += 1;
  EXPECT_EQ(Evaluate().state, PeriodState::kComplete);
  BecomeIdleAtNoon();
  options_.clock_confirmed = true;
  EXPECT_EQ(Evaluate().state, PeriodState::kComplete);
  options_.now_ms -= 1;
  EXPECT_EQ(Evaluate().state, PeriodState::kOpen);
}

// One event that is a day ahead, landed at noon; landing stops there, and the next records wait in Kafka.
TEST_F(Evaluation, AWrongEventTimeDoesNotCompleteAPeriod) {
  BecomeIdleAtNoon();
  Land(0, 3, NovemberUs(2, 12), NovemberUs(1, 12), NovemberUs(1, 12));
  partitions_[Of(0)].stable = Offset(500);
  EXPECT_EQ(Evaluate().state, PeriodState::kOpen);
  EXPECT_EQ(Evaluate().waits_for, "partition 0: 500 records not landed yet");
  for (auto& [id, partition] : partitions_) partition.stable.reset();
  EXPECT_EQ(Evaluate().state, PeriodState::kUnknown);
  EXPECT_EQ(Evaluate().waits_for,
            "partition 0: its newest record was received at 2025-11-01T12:00:00Z, whatever its events say");
}

// A producer whose clock is a day ahead may say so in the event and, under CreateTime, in the record.
TEST_F(Evaluation, ARecordIsNoNewerThanItsLanding) {
  BecomeIdleAtNoon();
  for (const int32_t p : {0, 1}) Land(p, 3, NovemberUs(2, 12), NovemberUs(2, 12), NovemberUs(1, 12));
  for (auto& [id, partition] : partitions_) partition.stable = Offset(500);
  EXPECT_EQ(Evaluate().state, PeriodState::kOpen);
}

TEST_F(Evaluation, AWrongRecordTimestampDoesNotCompleteAPeriod) {
  BecomeIdleAtNoon();
  for (const int32_t p : {0, 1}) Land(p, 3, NovemberUs(1, 13), NovemberUs(3));
  for (auto& [id, partition] : partitions_) partition.stable = Offset(500);
  EXPECT_EQ(Evaluate().state, PeriodState::kOpen);
}

// It is noon of the first; the clock says the second.
TEST_F(Evaluation, AWrongLocalClockDoesNotCompleteAPeriod) {
  BecomeIdleAtNoon();
  EXPECT_EQ(Evaluate().state, PeriodState::kOpen);
  EXPECT_EQ(
      Evaluate().waits_for,
      "partition 0 is idle, and only this machine's clock says that the period is over: the newest record "
      "of the lake is of 2025-11-01T12:00:00Z, and nothing confirms the clock (--local-clock)");
  options_.clock_confirmed = true;
  EXPECT_EQ(Evaluate().state, PeriodState::kComplete);
  options_.clock_confirmed = false;
  newest_kafka_ms_ = NovemberUs(2, 1) / 1000;  // a record of another table
  EXPECT_EQ(Evaluate().state, PeriodState::kComplete);
}

TEST_F(Evaluation, RecordsWithoutATimestampAreAsNewAsTheirLanding) {
  partitions_.erase(Of(0));
  Land(0, 4, NovemberUs(2, 1), std::nullopt, NovemberUs(1, 12));
  EXPECT_NE(Evaluate().state, PeriodState::kComplete);
  Land(0, 5, NovemberUs(2, 1), std::nullopt, NovemberUs(2, 1));
  EXPECT_EQ(Evaluate().state, PeriodState::kComplete);
  EXPECT_EQ(Evaluate().completed_by, BatchId(6));
}

TEST(LocalClockSetting, DecidesWhetherTheClockIsConfirmed) {
  CompletenessOptions options;
  options.local_clock = LocalClock::kTrusted;
  options.ReadClock();
  EXPECT_TRUE(options.clock_confirmed);
  EXPECT_GT(options.now_ms, NovemberUs(1) / 1000);
  options.local_clock = LocalClock::kUntrusted;
  options.ReadClock();
  EXPECT_FALSE(options.clock_confirmed);
}

TEST_F(Evaluation, AHalfPublishedBatchPreventsCompletion) {
  EXPECT_EQ(Evaluate(true).state, PeriodState::kOpen);
  EXPECT_EQ(Evaluate(true).waits_for, "a batch is half published");
}

}  // namespace
}  // namespace forebay
