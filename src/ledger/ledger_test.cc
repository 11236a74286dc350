// The ledger in each kind of store.
#include "contract/contract_hash.h"
#include "ledger/field_sums.h"
#include "ledger/ledger_fixture.h"

namespace forebay {
namespace {

using LedgerTest = EachStore;
INSTANTIATE_TEST_SUITE_P(Stores, LedgerTest, kEachStore, StoreName);

TEST_P(LedgerTest, IsCreatedAndOpened) {
  EXPECT_EQ(Create()->lake_id(), kLakeId);
  const auto ledger = Open();
  EXPECT_EQ(ledger->lake_id(), kLakeId);
  EXPECT_EQ(*ledger->LastBatch(), BatchId(0));
  EXPECT_EQ(*ledger->LatestContract(), std::nullopt);
  EXPECT_TRUE(ledger->CheckIntegrity().ok());
}

TEST_P(LedgerTest, APartlyCreatedOneKeepsItsId) {
  Create();
  EXPECT_EQ(Create("another-id")->lake_id(), kLakeId);
}

TEST_P(LedgerTest, OneWithBatchesIsNotCreatedAgain) {
  ASSERT_TRUE(CreateAndBegin()->Decide(Proposal(5, 10), StagedFilesExist).ok());
  ExpectRefused(Ledger::Create(backend_->OpenStore(), kLakeId), "lake.json");
}

TEST_P(LedgerTest, KeepsEveryValueOfABatch) {
  auto ledger = CreateAndBegin();
  const BatchProposal proposal = Proposal(5, 10);
  const auto decided = ledger->Decide(proposal, StagedFilesExist);
  ASSERT_TRUE(decided.ok()) << decided.error().message();
  EXPECT_EQ(decided->id, BatchId(1));
  EXPECT_EQ(decided->files[1].place,
            (FilePlace{"quarantine", "date=2025-10-31", proposal.files[1].file_name}));
  EXPECT_EQ((*ledger->NextPositions(kClicks)).at(PartitionId(0)).next, Offset(10));
  EXPECT_EQ(*ledger->LatestContract(), proposal.contract_yaml);

  const auto snapshot = ledger->Snapshot();
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ(snapshot->lake_id, kLakeId);
  EXPECT_EQ(snapshot->last_batch, BatchId(1));
  ASSERT_EQ(snapshot->batches.size(), 1u);
  const LedgerBatch& batch = snapshot->batches[0];
  EXPECT_EQ(batch.state, BatchState::kDecided);
  EXPECT_EQ(batch.engine, "native");
  EXPECT_EQ(batch.engine_version, "0.1.0");
  EXPECT_EQ(snapshot->contracts.at(batch.contract_hash), proposal.contract_yaml);
  EXPECT_GT(batch.decided_at_ms, 0);
  EXPECT_EQ(batch.ranges, proposal.ranges);
  EXPECT_EQ(batch.quarantine, proposal.quarantine);
  EXPECT_EQ(batch.untimed, proposal.untimed);
  ASSERT_EQ(batch.files.size(), 2u);
  EXPECT_EQ(batch.files[0].file, proposal.files[0]);
  EXPECT_EQ(batch.files[1].file, proposal.files[1]);
  EXPECT_EQ(batch.files[0].state, FileState::kPresent);
  ASSERT_EQ(snapshot->topics.size(), 1u);
  EXPECT_EQ(snapshot->topics[0].table, "clicks");
  ASSERT_EQ(snapshot->partitions.size(), 1u);
  EXPECT_EQ(snapshot->partitions[0].beginning, Offset(5));
}

TEST_P(LedgerTest, PublishingIsIdempotent) {
  auto ledger = CreateAndBegin();
  ASSERT_TRUE(ledger->Decide(Proposal(5, 10), StagedFilesExist).ok());
  ASSERT_TRUE(ledger->Decide(Proposal(10, 15), StagedFilesExist).ok());
  const auto unpublished = ledger->Unpublished();
  ASSERT_TRUE(unpublished.ok());
  ASSERT_EQ(unpublished->size(), 2u);
  EXPECT_EQ((*unpublished)[1].files.size(), 2u);
  ASSERT_TRUE(ledger->MarkPublished(BatchId(1)).ok());
  const int64_t first = *ledger->Snapshot()->batches[0].published_at_ms;
  ASSERT_TRUE(ledger->MarkPublished(BatchId(1)).ok());
  EXPECT_EQ(*ledger->Snapshot()->batches[0].published_at_ms, first);
  EXPECT_EQ(*ledger->StateOf(BatchId(1)), BatchState::kPublished);
  EXPECT_EQ(*ledger->StateOf(BatchId(2)), BatchState::kDecided);
  EXPECT_FALSE(ledger->MarkPublished(BatchId(3)).ok());
}

TEST_P(LedgerTest, SnapshotsOfNewerBatches) {
  auto ledger = CreateAndBegin();
  for (int64_t from = 5; from < 20; from += 5)
    ASSERT_TRUE(ledger->Decide(Proposal(from, from + 5), StagedFilesExist).ok());
  const auto snapshot = ledger->Snapshot(BatchId(2));
  ASSERT_TRUE(snapshot.ok());
  ASSERT_EQ(snapshot->batches.size(), 1u);
  EXPECT_EQ(snapshot->batches[0].id, BatchId(3));
  EXPECT_EQ(snapshot->batches[0].files.size(), 2u);
  EXPECT_EQ(snapshot->last_batch, BatchId(3));

  const auto middle = ledger->Snapshot(BatchId(1), BatchId(2));
  ASSERT_TRUE(middle.ok());
  ASSERT_EQ(middle->batches.size(), 1u);
  EXPECT_EQ(middle->batches[0].id, BatchId(2));
  EXPECT_EQ(middle->batches[0].files.size(), 2u);
  EXPECT_EQ(middle->batches[0].ranges.size(), snapshot->batches[0].ranges.size());
  EXPECT_EQ(middle->last_batch, BatchId(3));
}

TEST_P(LedgerTest, AConflictWritesNothing) {
  auto ledger = CreateAndBegin();
  const auto decided = ledger->Decide(Proposal(6, 10), StagedFilesExist);
  ASSERT_FALSE(decided.ok());
  EXPECT_EQ(decided.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(*ledger->LastBatch(), BatchId(0));
  EXPECT_TRUE(ledger->Snapshot()->contracts.empty());
  EXPECT_TRUE(ledger->Decide(Proposal(5, 10), StagedFilesExist).ok());
}

TEST_P(LedgerTest, BeginningsAreAllOrNothing) {
  auto ledger = CreateAndBegin();
  const Status status = ledger->CommitBeginnings({{"shop.clicks", "clicks", ClicksPartition(1), Offset(0)},
                                                  {"shop.clicks", "clicks", ClicksPartition(0), Offset(0)}});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(ledger->NextPositions(kClicks)->size(), 1u);
  EXPECT_TRUE(ledger->CommitBeginnings({}).ok());
}

TEST_P(LedgerTest, RemovesFilesThatNoUnpublishedBatchNames) {
  auto ledger = CreateAndBegin();
  const BatchProposal published = Proposal(5, 10), decided = Proposal(10, 15);
  ASSERT_TRUE(ledger->Decide(published, StagedFilesExist).ok());
  ASSERT_TRUE(ledger->MarkPublished(BatchId(1)).ok());
  ASSERT_TRUE(ledger->Decide(decided, StagedFilesExist).ok());
  std::vector<std::string> removed;
  const auto count = ledger->RemoveOrphans(
      [&]() -> Result<std::vector<std::string>> {
        return std::vector<std::string>{"orphan", decided.files[0].staged_name,
                                        published.files[0].staged_name};
      },
      [&](const std::string& name) {
        removed.push_back(name);
        return Ok();
      });
  ASSERT_TRUE(count.ok());
  EXPECT_EQ(*count, 2);
  EXPECT_EQ(removed, (std::vector<std::string>{"orphan", published.files[0].staged_name}));
}

TEST_P(LedgerTest, RecordsAdoptedLogs) {
  auto ledger = CreateAndBegin();
  const auto decide = [&](int64_t from, int64_t to, Incarnation incarnation) {
    BatchProposal proposal = Proposal(from, to);
    proposal.ranges[0].partition.incarnation = incarnation;
    proposal.ranges[0].last_record =
        LandedRecord{Offset(to - 2), kLarge + static_cast<uint64_t>(to), LeaderEpoch(incarnation.value())};
    return ToStatus(ledger->Decide(proposal, StagedFilesExist));
  };
  for (int64_t from = 5; from < 105; from += 10) ASSERT_TRUE(decide(from, from + 10, kFirstIncarnation).ok());
  const auto last_records = [&](const TopicPartition& log, size_t most) {
    const auto records = ledger->LastRecords({log}, most);
    EXPECT_TRUE(records.ok()) << records.error().message();
    return records.ok() ? records->front() : std::vector<LandedRecord>();
  };
  const std::vector<LandedRecord> records = last_records(ClicksPartition(0), 64);
  EXPECT_EQ(records.front(), (LandedRecord{Offset(103), kLarge + 105, LeaderEpoch(1)}));
  EXPECT_LE(records.back().offset, Offset(43));
  EXPECT_LT(records.size(), 10u);
  EXPECT_EQ(last_records(ClicksPartition(0), 1).size(), 1u);
  EXPECT_TRUE(last_records(ClicksPartition(1), 1).empty());

  const LandedRecord base{Offset(41), 1, LeaderEpoch(1)};
  const LogAdoption adoption{ClicksPartition(0), Offset(105), Offset(42), base};
  ASSERT_TRUE(ledger->AdoptLogs({adoption}).ok());
  ExpectRefused(Result<int>(ledger->AdoptLogs({adoption}).error()), "has another log by now",
                ErrorCode::kConflict);
  const LogPosition adopted{Incarnation(2), Offset(42)};
  EXPECT_EQ(*ledger->NextPositions(kClicks), (std::map<PartitionId, LogPosition>{{PartitionId(0), adopted}}));
  EXPECT_FALSE(decide(105, 110, kFirstIncarnation).ok());
  TopicPartition second = ClicksPartition(0);
  second.incarnation = Incarnation(2);
  // Nothing was landed of it yet: the base, and what was landed of the earlier one below.
  EXPECT_EQ(last_records(second, 1), std::vector<LandedRecord>{base});
  EXPECT_EQ(last_records(second, 2).back().offset, Offset(33));
  ASSERT_TRUE(decide(42, 55, Incarnation(2)).ok());
  EXPECT_EQ(last_records(second, 2).front().offset, Offset(53));
  EXPECT_EQ(last_records(second, 2).back(), base);
  ASSERT_TRUE(ledger->AcceptLoss({{second, {Offset(55), Offset(60)}, 0}}).ok());

  const auto snapshot = Open()->Snapshot();
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().message();
  ASSERT_EQ(snapshot->partitions.size(), 2u);
  EXPECT_FALSE(snapshot->partitions[0].current || snapshot->partitions[0].adopted_at_ms);
  EXPECT_EQ(snapshot->partitions[0].next, Offset(105));
  EXPECT_TRUE(snapshot->partitions[1].current && snapshot->partitions[1].adopted_at_ms);
  EXPECT_EQ(snapshot->partitions[1].next, Offset(60));
  EXPECT_EQ(snapshot->batches.back().ranges[0].partition, second);
  EXPECT_EQ(snapshot->batches.back().ranges[0].last_record,
            (LandedRecord{Offset(53), kLarge + 55, LeaderEpoch(2)}));
  EXPECT_EQ(snapshot->lost[0].partition, second);
  EXPECT_TRUE(ledger->CheckIntegrity().ok());
}

TEST_P(LedgerTest, RecordsLossesAndAdoptions) {
  auto ledger = CreateAndBegin();
  ASSERT_TRUE(ledger->AcceptLoss({{ClicksPartition(0), {Offset(5), Offset(50)}, 0}}).ok());
  EXPECT_EQ(ledger->NextPositions(kClicks)->at(PartitionId(0)).next, Offset(50));
  const TopicId again("AAAAAAAAAAAAAAAAAAAAAg");
  EXPECT_FALSE(
      ledger->CommitBeginnings({{"shop.clicks", "clicks", {again, PartitionId(0)}, Offset(0)}}).ok());
  ASSERT_TRUE(ledger->AdoptTopic("shop.clicks", kClicks, again).ok());
  ASSERT_TRUE(ledger->CommitBeginnings({{"shop.clicks", "clicks", {again, PartitionId(0)}, Offset(0)}}).ok());
  const std::vector<LedgerTopic> topics = *ledger->Topics();
  ASSERT_EQ(
      std::count_if(topics.begin(), topics.end(), [](const LedgerTopic& known) { return known.current; }), 1);
  EXPECT_EQ(
      std::find_if(topics.begin(), topics.end(), [](const LedgerTopic& known) { return known.current; })->id,
      again);
  const auto snapshot = ledger->Snapshot();
  ASSERT_TRUE(snapshot.ok());
  ASSERT_EQ(snapshot->lost.size(), 1u);
  EXPECT_EQ(snapshot->lost[0].offsets, (OffsetRange{Offset(5), Offset(50)}));
  EXPECT_GT(snapshot->lost[0].accepted_at_ms, 0);
  ASSERT_EQ(snapshot->adoptions.size(), 1u);
  EXPECT_EQ(snapshot->adoptions[0].from, kClicks);
  EXPECT_EQ(snapshot->adoptions[0].to, again);
  EXPECT_EQ(snapshot->topics.size(), 2u);
}

TEST_P(LedgerTest, AddsUpFieldCounts) {
  auto ledger = CreateAndBegin();
  BatchProposal first = Proposal(5, 10);
  first.fields = {{"clicks", FieldCountKind::kRows, "", 2},
                  {"clicks", FieldCountKind::kMissing, "sex", 2},
                  {"clicks", FieldCountKind::kUnknown, "Sex", 2}};
  BatchProposal second = Proposal(10, 15);
  second.fields = {{"clicks", FieldCountKind::kRows, "", 2}, {"clicks", FieldCountKind::kMissing, "sex", 2}};
  ASSERT_TRUE(ledger->Decide(first, StagedFilesExist).ok());
  ASSERT_TRUE(ledger->Decide(second, StagedFilesExist).ok());
  FieldSumsByTable sums;
  AddFieldCounts(ledger->Snapshot(BatchId(2))->fields, &sums);
  EXPECT_EQ(sums["clicks"], (FieldSums{4, {{"Sex", 2}}, {{"sex", 4}}}));
  EXPECT_EQ(sums["clicks"].always_missing(), (std::vector<std::string>{"sex"}));
}

TEST_P(LedgerTest, EverNewUnknownMembersDoNotFillIt) {
  auto ledger = CreateAndBegin();
  for (int batch = 0; batch < 2; ++batch) {
    BatchProposal proposal = Proposal(5 + 5 * batch, 10 + 5 * batch);
    for (int i = 0; i < 400; ++i)
      proposal.fields.push_back(
          {"clicks", FieldCountKind::kUnknown, "id" + std::to_string(1000 * batch + i), 1});
    ASSERT_TRUE(ledger->Decide(proposal, StagedFilesExist).ok());
  }
  FieldSumsByTable sums;
  AddFieldCounts(ledger->Snapshot()->fields, &sums);
  EXPECT_EQ(sums["clicks"].unknown.size(), 501u);
  EXPECT_EQ(sums["clicks"].unknown.at("(other members)"), 300);
}

TEST_P(LedgerTest, StoresEachContractOnce) {
  auto ledger = CreateAndBegin();
  ASSERT_TRUE(ledger->Decide(Proposal(5, 10), StagedFilesExist).ok());
  ASSERT_TRUE(ledger->Decide(Proposal(10, 15), StagedFilesExist).ok());
  BatchProposal other = Proposal(15, 20);
  other.contract_yaml = "version: 2\n";
  ASSERT_TRUE(ledger->Decide(other, StagedFilesExist).ok());
  EXPECT_EQ(ledger->Snapshot()->contracts.size(), 2u);
  EXPECT_EQ(*ledger->LatestContract(), "version: 2\n");
  EXPECT_EQ(ContractHash("").size(), 32u);
}

}  // namespace
}  // namespace forebay
