// Ledgers of older versions: read as they are, and upgraded by the first program that opens them to write.
#include "ledger/ledger_fixture.h"
#include "ledger/older_ledgers.h"
#include "ledger/schema.h"

namespace forebay {
namespace {

const TopicId kAdopted("AAAAAAAAAAAAAAAAAAAAAg");

class OlderLedger : public testing::TestWithParam<int64_t> {
 protected:
  void SetUp() override {
    Execute(kLedgerOfVersion1);
    if (GetParam() == 2) Execute(kChangesOfVersion2);
  }
  void Execute(const char* sql) {
    auto db = Sqlite::Open(path(), {true, 0, nullptr});
    ASSERT_TRUE(db.ok());
    const Status status = (*db)->Execute(sql);
    ASSERT_TRUE(status.ok()) << status.error().message();
  }
  int64_t Version() {
    auto db = Sqlite::Open(path(), {false, 0, nullptr});
    return *(*db)->QueryInt64("PRAGMA user_version");
  }
  const std::string& path() const { return backend_.path(); }

  void ExpectContent(Ledger& ledger);
  void ExpectMaintenanceOfVersion2(const LedgerSnapshot& snapshot);

 private:
  SqliteBackend backend_;
};
INSTANTIATE_TEST_SUITE_P(Versions, OlderLedger, testing::Values(1, 2));

void OlderLedger::ExpectContent(Ledger& ledger) {
  const auto snapshot = ledger.Snapshot();
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().message();
  EXPECT_EQ(snapshot->lake_id, kLakeId);
  EXPECT_EQ(snapshot->last_batch, BatchId(3));
  ASSERT_EQ(snapshot->batches.size(), 3u);
  EXPECT_EQ(snapshot->batches[1].published_at_ms, 1795934353213);
  EXPECT_EQ(snapshot->batches[2].state, BatchState::kDecided);
  EXPECT_EQ(snapshot->batches[2].engine, "spark");
  EXPECT_TRUE(snapshot->batches[2].may_be_transformed && !snapshot->batches[0].may_be_transformed);
  for (const LedgerPartition& partition : snapshot->partitions) {
    EXPECT_TRUE(partition.current && partition.partition.incarnation == kFirstIncarnation);
    EXPECT_EQ(partition.adopted_at_ms, std::nullopt);
  }
  EXPECT_EQ(snapshot->batches[0].ranges,
            (std::vector<BatchRange>{
                {ClicksPartition(0), {Offset(5), Offset(10)}, 3, 1, 1, 1740961964702000, 1795934350162}}));
  EXPECT_EQ(snapshot->batches[0].quarantine, (std::vector<QuarantineCount>{{"clicks", "not_json", 1}}));
  ASSERT_EQ(snapshot->batches[0].files.size(), 3u);
  const LedgerFile& file = snapshot->batches[0].files[1];
  EXPECT_EQ(file.place, (FilePlace{"clicks", "date=2025-03-01", "b00000001-1.parquet"}));
  EXPECT_EQ(file.file,
            (ProposedFile{"clicks", "date=2025-03-01", "b00000001-1.parquet",
                          "s-99e7ed9e3c9fdd0303f1180bf5dc8417.parquet", 1, 6720, 8676423768044402753u,
                          static_cast<uint64_t>(-1930724360965750194),
                          static_cast<uint64_t>(-1374148329297670429), 1740798822940000, 1740846007337000}));
  EXPECT_EQ(snapshot->contracts.begin()->second, "version: 1");
  EXPECT_EQ(*ledger.LatestContract(), "version: 1");
  ASSERT_EQ(ledger.LandedTables()->size(), 1u);
  EXPECT_EQ(ledger.LandedTables()->front().newest, BatchId(3));
  EXPECT_EQ(ledger.LandedTopics()->size(), 2u);
  EXPECT_TRUE(ledger.AddedColumns()->empty());
  const auto topics = ledger.Topics();
  const auto is_current = [](const LedgerTopic& topic) {
    return topic.current && topic.topic == "shop.clicks";
  };
  EXPECT_EQ(std::find_if(topics->begin(), topics->end(), is_current)->id, kAdopted);
  EXPECT_EQ(ledger.NextPositions(kClicks)->at(PartitionId(0)).next, Offset(25));
  ASSERT_EQ(snapshot->lost.size(), 1u);
  EXPECT_EQ(snapshot->lost[0].offsets, (OffsetRange{Offset(20), Offset(25)}));
  ASSERT_EQ(snapshot->adoptions.size(), 1u);
  EXPECT_EQ(snapshot->adoptions[0].from, kClicks);
  ASSERT_EQ(ledger.Unpublished()->size(), 1u);
  if (GetParam() == 2) {
    ExpectMaintenanceOfVersion2(*snapshot);
  } else {
    EXPECT_TRUE(snapshot->expiries.empty() && snapshot->rebuilds.empty());
  }
}

void OlderLedger::ExpectMaintenanceOfVersion2(const LedgerSnapshot& snapshot) {
  EXPECT_EQ(snapshot.batches[0].files[0].state, FileState::kExpired);
  EXPECT_EQ(snapshot.batches[1].files[0].state, FileState::kExpiring);
  ASSERT_EQ(snapshot.expiries.size(), 2u);
  EXPECT_EQ(snapshot.expiries[1].selection, "--dates 2025-02-28");
  EXPECT_EQ(snapshot.expiries[1].rows, 9);
  ASSERT_EQ(snapshot.rebuilds.size(), 2u);
  EXPECT_EQ(snapshot.rebuilds[0].damage, "missing");
  EXPECT_EQ(snapshot.rebuilds[0].old_checksum, static_cast<uint64_t>(-17));
  EXPECT_EQ(snapshot.rebuilds[0].done_at_ms, 1795934382500);
  EXPECT_EQ(snapshot.rebuilds[1].damage, "unreadable");
  EXPECT_EQ(snapshot.rebuilds[1].place.file_name, "b00000001-1.parquet");
  EXPECT_EQ(snapshot.rebuilds[1].done_at_ms, std::nullopt);
}

TEST_P(OlderLedger, IsReadAsItIsAndAfterAnotherProcessUpgradedIt) {
  const auto reader = Ledger::OpenForReading(path());
  ASSERT_TRUE(reader.ok()) << reader.error().message();
  ExpectContent(**reader);
  EXPECT_TRUE((*reader)->CheckIntegrity().ok());
  EXPECT_EQ(Version(), GetParam());
  ASSERT_TRUE(Ledger::Open(path()).ok());
  EXPECT_EQ(Version(), kLedgerVersion);
  ExpectContent(**reader);
}

TEST_P(OlderLedger, IsUpgradedWhenItIsOpenedToWrite) {
  const auto ledger = *Ledger::Open(path());
  EXPECT_EQ(Version(), kLedgerVersion);
  ExpectContent(*ledger);
  EXPECT_TRUE(ledger->CheckIntegrity().ok());
  ExpectContent(**Ledger::Open(path()));
}

// The upgraded schema is the one that a new ledger has.
TEST_P(OlderLedger, HasTheSchemaOfANewLedger) {
  ASSERT_TRUE(Ledger::Open(path()).ok());
  const auto upgraded = Sqlite::Open(path(), {false, 0, nullptr});
  const auto created = Sqlite::OpenInMemory("new");
  ASSERT_TRUE(UpgradeSchema(**created, 0).ok());
  const char* const all =
      "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY "
      "name)";
  EXPECT_EQ(*(*upgraded)->QueryText(all), *(*created)->QueryText(all));
}

TEST_P(OlderLedger, ContinuesAfterTheUpgrade) {
  const auto ledger = *Ledger::Open(path());
  if (GetParam() == 2) {
    ASSERT_EQ(ledger->Expiring()->size(), 1u);
    EXPECT_TRUE(ledger->MarkExpired(*ledger->Expiring()).ok());
    ASSERT_EQ(ledger->UnfinishedRebuilds()->size(), 1u);
    ExpectRefused(ledger->BeginExpiry("clicks", "all", [](const LedgerFile&) { return true; }),
                  "rebuild of file", ErrorCode::kFailedPrecondition);
    EXPECT_TRUE(ledger->MarkRebuilt(*ledger->UnfinishedRebuilds()).ok());
    EXPECT_TRUE(ledger->UnfinishedRebuilds()->empty());
  }
  EXPECT_TRUE(ledger->MarkPublished(BatchId(3)).ok());
  BatchProposal proposal = Proposal(4, 10);
  proposal.ranges[0].partition.topic_id = kAdopted;
  const auto decided = ledger->Decide(proposal, StagedFilesExist);
  ASSERT_TRUE(decided.ok()) << decided.error().message();
  EXPECT_EQ(decided->id, BatchId(4));
  const LedgerFile file = ledger->Snapshot()->batches[0].files[1];
  EXPECT_TRUE(ledger->DecideRebuild({{file, file.file, "missing"}}, StagedFilesExist).ok());
  EXPECT_EQ(
      ledger->BeginExpiry("clicks", "all", [](const LedgerFile& one) { return one.batch == BatchId(3); })
          ->size(),
      1u);
  EXPECT_TRUE(ledger->CheckIntegrity().ok());
}

}  // namespace
}  // namespace forebay
