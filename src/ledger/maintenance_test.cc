// Operator actions on landed files, in each kind of store.
#include "ledger/ledger_fixture.h"

namespace forebay {
namespace {

bool All(const LedgerFile&) {
  return true;
}

class LedgerMaintenance : public EachStore {
 protected:
  void SetUp() override {
    ledger_ = Create();
    ASSERT_TRUE(ledger_->CommitBeginnings({{"shop.clicks", "clicks", At(), Offset(0)}}).ok());
    Decide(0);
    ASSERT_TRUE(ledger_->MarkPublished(BatchId(1)).ok());
    Decide(10);  // stays decided
  }

  static TopicPartition At() { return ClicksPartition(0); }
  void Decide(int64_t from) {
    BatchProposal proposal;
    proposal.contract_yaml = "version: 1\n";
    proposal.engine = "native";
    proposal.engine_version = "0.1.0";
    proposal.ranges = {{At(), {Offset(from), Offset(from + 10)}, 5, 0, 0, 7, std::nullopt}};
    proposal.files = {{"clicks", "date=2025-10-30", NewPlace("", "").file_name, RandomStagedName(), 5, 123, 1,
                       2, 3, -5, 7}};
    const auto decided = ledger_->Decide(proposal, StagedFilesExist);
    ASSERT_TRUE(decided.ok()) << decided.error().message();
  }
  LedgerFile File(size_t batch) { return ledger_->Snapshot()->batches.at(batch).files.at(0); }
  Ledger::RebuiltFile RebuildOf(size_t batch) {
    Ledger::RebuiltFile file{File(batch), File(batch).file, "missing"};
    file.after.staged_name = RandomStagedName();
    file.after.bytes = 99;
    file.after.checksum = 0xfedcba9876543210;
    return file;
  }

  std::unique_ptr<Ledger> ledger_;
};

INSTANTIATE_TEST_SUITE_P(Stores, LedgerMaintenance, kEachStore, StoreName);

TEST_P(LedgerMaintenance, ExpirySelectsPresentFilesOfPublishedBatches) {
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

TEST_P(LedgerMaintenance, ARebuildNamesTheNewFileAndRecordsTheOldOne) {
  const Ledger::RebuiltFile rebuilt = RebuildOf(0);
  ASSERT_TRUE(ledger_->DecideRebuild({rebuilt}, StagedFilesExist).ok());
  EXPECT_EQ(File(0).file, rebuilt.after);
  EXPECT_EQ(ledger_->UnfinishedRebuilds()->size(), 1u);
  ASSERT_TRUE(ledger_->MarkRebuilt({File(0)}).ok());
  EXPECT_TRUE(ledger_->UnfinishedRebuilds()->empty());
  const auto rebuilds = ledger_->Snapshot()->rebuilds;
  ASSERT_EQ(rebuilds.size(), 1u);
  EXPECT_EQ(rebuilds[0].damage, "missing");
  EXPECT_EQ(rebuilds[0].old_checksum, 1u);
  EXPECT_TRUE(rebuilds[0].done_at_ms.has_value());
}

TEST_P(LedgerMaintenance, ARebuildOfAChangedFileIsAConflict) {
  const Ledger::RebuiltFile rebuilt = RebuildOf(0);
  ASSERT_TRUE(ledger_->DecideRebuild({rebuilt}, StagedFilesExist).ok());
  const Status again_refused = ledger_->DecideRebuild({rebuilt}, StagedFilesExist);
  ASSERT_FALSE(again_refused.ok());
  EXPECT_EQ(again_refused.error().code(), ErrorCode::kConflict);

  ASSERT_TRUE(ledger_->MarkRebuilt({File(0)}).ok());
  const Ledger::RebuiltFile late = RebuildOf(0);
  ASSERT_TRUE(ledger_->BeginExpiry("clicks", "all", All).ok());
  const Status expired = ledger_->DecideRebuild({late}, StagedFilesExist);
  ASSERT_FALSE(expired.ok());
  EXPECT_EQ(expired.error().code(), ErrorCode::kConflict);
}

TEST_P(LedgerMaintenance, AFileWithAnUnfinishedRebuildIsNotExpired) {
  ASSERT_TRUE(ledger_->DecideRebuild({RebuildOf(0)}, StagedFilesExist).ok());
  const auto refused = ledger_->BeginExpiry("clicks", "all", All);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(refused.error().message(), testing::HasSubstr("rebuild of file"));
  EXPECT_EQ(File(0).state, FileState::kPresent);
}

TEST_P(LedgerMaintenance, TheStagedFileOfARebuildIsNotAnOrphan) {
  const Ledger::RebuiltFile rebuilt = RebuildOf(0);
  ASSERT_TRUE(ledger_->DecideRebuild({rebuilt}, StagedFilesExist).ok());
  std::vector<std::string> removed;
  const auto list = [&]() -> Result<std::vector<std::string>> {
    return std::vector<std::string>{rebuilt.after.staged_name, rebuilt.before.file.staged_name};
  };
  const auto unlink = [&](const std::string& name) -> Status {
    removed.push_back(name);
    return Ok();
  };
  ASSERT_TRUE(ledger_->RemoveOrphans(list, unlink).ok());
  EXPECT_EQ(removed, std::vector<std::string>{rebuilt.before.file.staged_name});
}

}  // namespace
}  // namespace forebay
