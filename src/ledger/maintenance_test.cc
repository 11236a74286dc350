// Operator actions on landed files, in the ledger; and ledgers of version 1, which have no record of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "ledger/ledger.h"
#include "ledger/schema.h"
#include "ledger/sqlite.h"

namespace forebay {
namespace {

using testing::HasSubstr;

const TopicId kClicks("AAAAAAAAAAAAAAAAAAAAAQ");
constexpr const char* kLakeId = "01234567-89ab-4cde-8fab-0123456789ab";

Status StillThere() {
  return Ok();
}

bool All(const LedgerFile&) {
  return true;
}

class LedgerMaintenance : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "/ledger_deeds." + std::to_string(::getpid()) + ".db";
    std::filesystem::remove(path_);
    auto created = Ledger::Create(path_, kLakeId);
    ASSERT_TRUE(created.ok()) << created.error().message();
    ledger_ = std::move(*created);
    ASSERT_TRUE(ledger_->CommitBeginnings({{"shop.clicks", "clicks", At(), Offset(0)}}).ok());
    Decide(0);
    ASSERT_TRUE(ledger_->MarkPublished(BatchId(1)).ok());
    Decide(10);  // stays decided
  }
  void TearDown() override { std::filesystem::remove(path_); }

  static TopicPartition At() { return {kClicks, PartitionId(0)}; }
  void Decide(int64_t from) {
    BatchProposal proposal;
    proposal.contract_yaml = "version: 1\n";
    proposal.engine = "native";
    proposal.engine_version = "0.1.0";
    proposal.ranges = {{At(), {Offset(from), Offset(from + 10)}, 5, 0, 0, 7, std::nullopt}};
    proposal.files = {{"clicks", "date=2025-10-30", NewPlace("", "").file_name, RandomStagedName(), 5, 123, 1, 2, 3, -5, 7}};
    const auto decided = ledger_->Decide(proposal, StillThere);
    ASSERT_TRUE(decided.ok()) << decided.error().message();
  }
  LedgerFile File(size_t batch) { return ledger_->Snapshot()->batches.at(batch).files.at(0); }
  Ledger::RebuiltFile Again(size_t batch) {
    Ledger::RebuiltFile file{File(batch), File(batch).file, "missing"};
    file.after.staged_name = RandomStagedName();
    file.after.bytes = 99;
    file.after.checksum = 0xfedcba9876543210;
    return file;
  }

  std::string path_;
  std::unique_ptr<Ledger> ledger_;
};

TEST_F(LedgerMaintenance, ExpiryTakesPresentFilesOfPublishedBatches) {
  const auto none = ledger_->BeginExpiry("orders", "all", All);
  ASSERT_TRUE(none.ok() && none->empty());
  EXPECT_TRUE(ledger_->Snapshot()->expiries.empty());

  const auto begun = ledger_->BeginExpiry("clicks", "--before 2026-01-01", All);
  ASSERT_TRUE(begun.ok()) << begun.error().message();
  ASSERT_EQ(begun->size(), 1u);
  EXPECT_EQ(begun->front().batch, BatchId(1));
  EXPECT_EQ(File(0).state, FileState::kExpiring);
  EXPECT_EQ(File(1).state, FileState::kPresent);
  EXPECT_EQ(ledger_->Expiring()->size(), 1u);

  ASSERT_TRUE(ledger_->MarkExpired(*begun).ok());
  EXPECT_EQ(File(0).state, FileState::kExpired);
  EXPECT_TRUE(ledger_->Expiring()->empty());
  EXPECT_TRUE(ledger_->BeginExpiry("clicks", "again", All)->empty());
  const auto expiries = ledger_->Snapshot()->expiries;
  ASSERT_EQ(expiries.size(), 1u);
  EXPECT_EQ(expiries[0].selection, "--before 2026-01-01");
  EXPECT_EQ(expiries[0].files, 1);
  EXPECT_EQ(expiries[0].rows, 5);
}

TEST_F(LedgerMaintenance, RelandingNamesTheNewFileAndKeepsTheOldOneOnRecord) {
  const Ledger::RebuiltFile again = Again(0);
  ASSERT_TRUE(ledger_->DecideRebuild({again}, StillThere).ok());
  EXPECT_EQ(File(0).file, again.after);
  EXPECT_EQ(ledger_->UnfinishedRebuilds()->size(), 1u);
  ASSERT_TRUE(ledger_->MarkRebuilt({File(0)}).ok());
  EXPECT_TRUE(ledger_->UnfinishedRebuilds()->empty());
  const auto rebuilds = ledger_->Snapshot()->rebuilds;
  ASSERT_EQ(rebuilds.size(), 1u);
  EXPECT_EQ(rebuilds[0].damage, "missing");
  EXPECT_EQ(rebuilds[0].old_checksum, 1u);
  EXPECT_TRUE(rebuilds[0].done_at_ms.has_value());
}

TEST_F(LedgerMaintenance, RelandingWhatChangedMeanwhileIsAConflict) {
  const Ledger::RebuiltFile again = Again(0);
  ASSERT_TRUE(ledger_->DecideRebuild({again}, StillThere).ok());
  const Status twice = ledger_->DecideRebuild({again}, StillThere);
  ASSERT_FALSE(twice.ok());
  EXPECT_EQ(twice.error().code(), ErrorCode::kConflict);

  ASSERT_TRUE(ledger_->MarkRebuilt({File(0)}).ok());
  const Ledger::RebuiltFile late = Again(0);
  ASSERT_TRUE(ledger_->BeginExpiry("clicks", "all", All).ok());
  const Status expired = ledger_->DecideRebuild({late}, StillThere);
  ASSERT_FALSE(expired.ok());
  EXPECT_EQ(expired.error().code(), ErrorCode::kConflict);
}

TEST_F(LedgerMaintenance, WhatIsBeingLandedAgainIsNotExpired) {
  ASSERT_TRUE(ledger_->DecideRebuild({Again(0)}, StillThere).ok());
  const auto refused = ledger_->BeginExpiry("clicks", "all", All);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(refused.error().message(), HasSubstr("landed again"));
  EXPECT_EQ(File(0).state, FileState::kPresent);
}

TEST_F(LedgerMaintenance, TheStagedFileOfARelandIsNoOrphan) {
  const Ledger::RebuiltFile again = Again(0);
  ASSERT_TRUE(ledger_->DecideRebuild({again}, StillThere).ok());
  std::vector<std::string> removed;
  const auto list = [&]() -> Result<std::vector<std::string>> {
    return std::vector<std::string>{again.after.staged_name, again.before.file.staged_name};
  };
  const auto unlink = [&](const std::string& name) -> Status {
    removed.push_back(name);
    return Ok();
  };
  ASSERT_TRUE(ledger_->RemoveOrphans(list, unlink).ok());
  EXPECT_EQ(removed, std::vector<std::string>{again.before.file.staged_name});
}

// The ledger as an older version wrote it.
class OlderLedger : public LedgerMaintenance {
 protected:
  // Takes back what the upgrades did, by `sql`.
  void Downgrade(const char* sql) {
    ledger_.reset();
    auto db = Sqlite::Open(path_, {false, 0, nullptr});
    ASSERT_TRUE(db.ok());
    const Status status = (*db)->Execute(sql);
    ASSERT_TRUE(status.ok()) << status.error().message();
  }
  int64_t Version() {
    auto db = Sqlite::Open(path_, {false, 0, nullptr});
    return *(*db)->QueryInt64("PRAGMA user_version");
  }
};

constexpr const char* kToVersion1 =
    "DROP INDEX expiring_files; DROP TABLE expiries; DROP TABLE rebuilds; PRAGMA user_version=1";
constexpr const char* kToVersion2 =
    "DROP INDEX unfinished_rebuilds; ALTER TABLE rebuilds RENAME TO relands;"
    "ALTER TABLE relands RENAME COLUMN rebuild TO reland; ALTER TABLE relands RENAME COLUMN damage TO "
    "trouble;"
    "CREATE INDEX unfinished_relands ON relands (reland) WHERE done_at_ms IS NULL;"
    "DROP INDEX expiring_files; CREATE INDEX files_on_their_way_out ON files (batch) WHERE state = "
    "'expiring';"
    "INSERT INTO relands SELECT 1, batch, table_name, partition_dir, file_name, 'missing', 7, 8, 9 FROM files"
    " LIMIT 1; PRAGMA user_version=2";

TEST_F(OlderLedger, Version1IsReadAsItIs) {
  Downgrade(kToVersion1);
  auto opened = Ledger::OpenForReading(path_);
  ASSERT_TRUE(opened.ok()) << opened.error().message();
  const auto snapshot = (*opened)->Snapshot();
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().message();
  EXPECT_EQ(snapshot->batches.size(), 2u);
  EXPECT_TRUE((*opened)->CheckIntegrity().ok());
  EXPECT_EQ(Version(), 1);
}

TEST_F(OlderLedger, Version2IsReadAsItIsAndAfterAnotherProcessUpgradedIt) {
  Downgrade(kToVersion2);
  auto reader = Ledger::OpenForReading(path_);
  ASSERT_TRUE(reader.ok()) << reader.error().message();
  for (const int64_t version : {2, 3}) {
    const auto snapshot = (*reader)->Snapshot();
    ASSERT_TRUE(snapshot.ok()) << snapshot.error().message();
    ASSERT_EQ(snapshot->rebuilds.size(), 1u);
    EXPECT_EQ(snapshot->rebuilds[0].damage, "missing");
    EXPECT_EQ(Version(), version);
    ASSERT_TRUE(Ledger::Open(path_).ok());
  }
}

TEST_F(OlderLedger, Version1IsUpgradedWhenItIsOpenedForLanding) {
  Downgrade(kToVersion1);
  auto opened = Ledger::Open(path_);
  ASSERT_TRUE(opened.ok()) << opened.error().message();
  ledger_ = std::move(*opened);
  EXPECT_EQ(Version(), 3);
  EXPECT_TRUE(ledger_->CheckIntegrity().ok());
  EXPECT_EQ(ledger_->BeginExpiry("clicks", "all", All)->size(), 1u);
  ledger_.reset();
  EXPECT_TRUE(Ledger::Open(path_).ok());
}

}  // namespace
}  // namespace forebay
