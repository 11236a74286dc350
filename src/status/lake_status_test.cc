// The status of a whole lake: its sums, its dates, and logs that were cut back.
#include "status/lake_status.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "status/completeness.h"
#include "status/lake_sums.h"
#include "testlake/test_lake.h"

namespace forebay {
namespace {

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
    for (const LedgerBatch& batch : snapshot.batches) sums.Add(batch, snapshot);
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

// Both partitions are landed up to offset 100, by two batches: partition 1 up to 2025-11-03T01:00 by the
// first, and 2025-11-05T03:00 by the second. Partition 0 is as at the brokers.
class LogsOfALake : public StatusOfALake {
 protected:
  LogsOfALake() {
    lake_.LandTwoBatches();
    const OpenedLake opened = std::move(*OpenLakeForReading(PosixFs(), lake_.dir()));
    ledger_ = *opened.ledger->Snapshot();
    options_.now_ms = NovemberUs(20) / 1000;
    at_broker_.marks[PartitionId(0)] = {Offset(0), Offset(100), Offset(100)};
    SetEnd(100);
    at_broker_.landed = {{{kEventsId, PartitionId(0)}, Offset(100)}, {First(), Offset(100)}};
  }

  static TopicPartition First() { return {kEventsId, PartitionId(1)}; }
  static TopicPartition Second() { return {kEventsId, PartitionId(1), Incarnation(2)}; }
  // Of partition 1, at the brokers.
  void SetEnd(int64_t end) { at_broker_.marks[PartitionId(1)] = {Offset(0), Offset(end), Offset(end)}; }
  // `land --adopt-log t.events:1`
  void Adopt(int64_t beginning) {
    const auto first = std::find_if(ledger_.partitions.begin(), ledger_.partitions.end(),
                                    [](const LedgerPartition& known) { return known.partition == First(); });
    ASSERT_NE(first, ledger_.partitions.end());
    first->current = false;
    const LedgerPartition adopted{Second(), Offset(beginning), Offset(beginning), options_.now_ms,
                                  std::nullopt};
    ledger_.partitions.insert(first + 1, adopted);
  }
  // Lands the next records of partition 1, up to `to`; the newest event is of `event_us`.
  void LandAdopted(int64_t to, int64_t event_us) {
    const auto adopted =
        std::find_if(ledger_.partitions.begin(), ledger_.partitions.end(),
                     [](const LedgerPartition& known) { return known.partition == Second(); });
    ASSERT_NE(adopted, ledger_.partitions.end());
    LedgerBatch batch;
    batch.id = BatchId(ledger_.batches.back().id.value() + 1);
    batch.state = BatchState::kPublished;
    batch.contract_hash = ledger_.batches.back().contract_hash;
    batch.decided_at_ms = options_.now_ms;
    batch.ranges.push_back({Second(),
                            {adopted->next, Offset(to)},
                            to - adopted->next.value(),
                            0,
                            0,
                            event_us,
                            NovemberUs(7) / 1000});
    adopted->next = Offset(to);
    ledger_.batches.push_back(batch);
  }
  TableStatus Events() const {
    LakeSums sums;
    for (const LedgerBatch& batch : ledger_.batches) sums.Add(batch, ledger_);
    return sums.Tables(ledger_, TopicsAtBrokers{{"t.events", at_broker_}}, options_)[0];
  }

  LedgerSnapshot ledger_;
  TopicAtBroker at_broker_;
  CompletenessOptions options_;
};

TEST_F(LogsOfALake, ALogThatEndsBeforeWhatWasLandedIsCutBackAndNotIdle) {
  EXPECT_EQ(Events().cut_back(), 0);
  EXPECT_EQ(Events().periods[4].state, PeriodState::kComplete);  // idle
  SetEnd(70);
  const TableStatus events = Events();
  EXPECT_EQ(events.lag(), 0);
  EXPECT_EQ(events.partitions[0].cut_back, 0);
  EXPECT_EQ(events.partitions[1].cut_back, 30);
  EXPECT_EQ(events.cut_back(), 30);
  EXPECT_EQ(events.periods[3].state, PeriodState::kComplete);  // by events
  EXPECT_EQ(events.periods[4].state, PeriodState::kOpen);
  EXPECT_EQ(events.periods[4].waits_for,
            "partition 1: the log ends at offset 70, and was landed up to offset 100");
}

TEST_F(LogsOfALake, RecordsLandedAfterTheBrokersWereAskedAreNoCut) {
  SetEnd(70);
  at_broker_.landed[First()] = Offset(70);
  EXPECT_EQ(Events().cut_back(), 0);
  EXPECT_EQ(Events().periods[4].state, PeriodState::kComplete);
  at_broker_.landed.erase(First());  // begun meanwhile
  EXPECT_EQ(Events().cut_back(), 0);
}

TEST_F(LogsOfALake, WithoutTheBrokersNoCutIsKnown) {
  at_broker_ = {};
  EXPECT_FALSE(Events().cut_back().has_value());
  EXPECT_FALSE(Events().partitions[1].cut_back.has_value());
}

TEST_F(LogsOfALake, AnAdoptedLogIsNotJudgedByWhatWasLandedOfTheLostOne) {
  Adopt(60);
  SetEnd(80);
  EXPECT_EQ(Events().cut_back(), 0);
  EXPECT_EQ(Events().lag(), 20);
}

TEST_F(LogsOfALake, TheRecordsThatKafkaLostCompleteNoDateOfAnAdoptedLog) {
  EXPECT_EQ(Events().periods[2].completed_by, BatchId(2));
  Adopt(60);
  SetEnd(80);
  TableStatus events = Events();
  EXPECT_EQ(events.periods[1].state, PeriodState::kComplete);  // by records that both logs have
  EXPECT_EQ(events.periods[1].completed_by, BatchId(1));
  EXPECT_EQ(events.periods[2].state, PeriodState::kOpen);
  EXPECT_EQ(events.periods[2].waits_for, "partition 1: 20 records not landed yet");

  SetEnd(60);  // nothing waits: idle
  events = Events();
  EXPECT_EQ(events.periods[2].state, PeriodState::kComplete);
  EXPECT_FALSE(events.periods[2].completed_by.has_value());
}

TEST_F(LogsOfALake, AnAdoptedLogCompletesDatesByItsOwnRecords) {
  Adopt(60);
  SetEnd(90);
  LandAdopted(70, NovemberUs(3, 5));
  TableStatus events = Events();
  EXPECT_EQ(events.periods[2].state, PeriodState::kOpen);
  EXPECT_EQ(events.periods[2].waits_for, "partition 1: 20 records not landed yet");
  LandAdopted(80, NovemberUs(4, 2));
  events = Events();
  EXPECT_EQ(events.periods[2].state, PeriodState::kComplete);
  EXPECT_EQ(events.periods[2].completed_by, BatchId(4));
  EXPECT_EQ(events.periods[3].state, PeriodState::kOpen);
}

// The event is a day ahead of the adopted log. That Kafka had received records of the lost log by then is no
// second clock.
TEST_F(LogsOfALake, NeitherClockOfALostLogCountsForTheAdoptedOne) {
  Adopt(0);
  SetEnd(90);
  LandAdopted(10, NovemberUs(5));
  ledger_.batches.back().ranges[0].last_kafka_timestamp_ms = NovemberUs(2) / 1000;
  const TableStatus events = Events();
  EXPECT_EQ(events.periods[0].state, PeriodState::kOpen);
  EXPECT_EQ(events.periods[0].waits_for, "partition 1: 80 records not landed yet");
}

// A batch of the lost log that is published, and therefore added, after the adoption was seen.
TEST_F(LogsOfALake, ALaterBatchOfTheLostLogCountsForNothing) {
  Adopt(0);
  SetEnd(90);
  LakeSums sums;
  const TopicsAtBrokers brokers{{"t.events", at_broker_}};
  sums.Tables(ledger_, brokers, options_);
  for (const LedgerBatch& batch : ledger_.batches) sums.Add(batch, ledger_);
  const TableStatus events = sums.Tables(ledger_, brokers, options_)[0];
  EXPECT_EQ(events.periods[0].state, PeriodState::kOpen);
}

}  // namespace
}  // namespace forebay
