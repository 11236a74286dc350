// The commit protocol on a real filesystem, and its rules for files that are not where they were left.
#include "commit/commit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "commit/commit_fixture.h"
#include "ledger/vfs_double.h"
#include "store/fs_double.h"

namespace forebay {
namespace {

constexpr const char* kLake = "/lake";

// A simulated machine with one batch decided and none of its files published, as after a power cut at the
// first rename.
class CommitTest : public testing::Test {
 protected:
  OpenLakeOptions Options() const {
    OpenLakeOptions options;
    options.ledger.busy_timeout_ms = 0;
    options.ledger.vfs = vfs_.name();
    return options;
  }

  Lander Start() {
    auto lander = Lander::Start(fs_, kLake, Options());
    EXPECT_TRUE(lander.ok()) << lander.error().message();
    return std::move(*lander);
  }

  // Decides batch 1, leaves its files in staging, and returns the batch as the ledger has it.
  DecidedBatch DecideOnly() {
    Lander lander = Start();
    auto batch = lander.Stage(Offset(0));
    EXPECT_TRUE(batch.ok());
    for (const auto& file : batch->staged) EXPECT_TRUE(file->Sync().ok());
    const auto decided = lander.opened.ledger->Decide(batch->proposal, [] { return Ok(); });
    EXPECT_TRUE(decided.ok());
    return *decided;
  }

  std::string Staged(const LedgerFile& file) const { return paths_.StagedFile(file.file.staged_name); }
  std::string Target(const LedgerFile& file) const { return paths_.File(file.place); }
  std::string Content(const std::string& path) const { return fs_.ContentOf(path).value(); }
  void Move(const std::string& from, const std::string& to) {
    fs_.PutFile(to, Content(from));
    EXPECT_TRUE(fs_.Unlink(from).ok());
  }
  void ExpectRecovers() {
    Lander lander = Start();
    ExpectExact(lander.opened, Offset(10));
  }
  void ExpectStopsNaming(const std::string& name) {
    const auto lander = Lander::Start(fs_, kLake, Options());
    ASSERT_FALSE(lander.ok());
    EXPECT_THAT(lander.error().message(), testing::HasSubstr(name));
    EXPECT_EQ(ExitStatus(lander.error()), 3);
  }

  FsDouble fs_;
  VfsDouble vfs_{fs_};
  const LakePaths paths_{kLake};
};

TEST_F(CommitTest, LandsABatch) {
  Lander lander = Start();
  const auto batch = lander.Land(Offset(0));
  ASSERT_TRUE(batch.ok()) << batch.error().message();
  EXPECT_EQ(*batch, BatchId(1));
  ExpectExact(lander.opened, Offset(10));
  const LedgerSnapshot snapshot = *lander.opened.ledger->Snapshot();
  ASSERT_EQ(snapshot.batches[0].files.size(), 4u);
  for (const LedgerFile& file : snapshot.batches[0].files) EXPECT_TRUE(fs_.Exists(Target(file)));
}

TEST_F(CommitTest, LandsABatchWithoutFiles) {
  Lander lander = Start();
  StagedBatch batch;
  batch.proposal.contract_yaml = "the contract\n";
  batch.proposal.ranges = {{TestPartition(0), {Offset(0), Offset(3)}, 0, 0, 0, std::nullopt, std::nullopt}};
  const auto landed = lander.Commit(std::move(batch));
  ASSERT_TRUE(landed.ok()) << landed.error().message();
  EXPECT_EQ(*lander.Next(), Offset(3));
}

TEST_F(CommitTest, AChangedTopicIdDiscardsTheBatch) {
  Lander lander = Start();
  auto batch = lander.Stage(Offset(0));
  ASSERT_TRUE(batch.ok());
  auto prepared = lander.committer->Prepare(std::move(*batch));
  ASSERT_TRUE(prepared.ok());
  const auto landed =
      lander.committer->Commit(std::move(*prepared), UnavailableError("the topic was recreated"));
  ASSERT_FALSE(landed.ok());
  EXPECT_EQ(landed.error().message(), "the topic was recreated");
  EXPECT_EQ(*lander.Next(), Offset(0));
  EXPECT_TRUE(lander.store().ListStaged()->empty());
}

TEST_F(CommitTest, APreparedBatchIsDurableAndUndecided) {
  std::string staged, content;
  {
    Lander lander = Start();
    auto batch = lander.Stage(Offset(0));
    ASSERT_TRUE(batch.ok());
    staged = paths_.StagedFile(batch->proposal.files[0].staged_name);
    content = Content(staged);
    const auto prepared = lander.committer->Prepare(std::move(*batch));
    ASSERT_TRUE(prepared.ok());
    EXPECT_EQ(*lander.Next(), Offset(0));
    fs_.CutPowerAt(fs_.operations() + 1);
  }
  fs_.Restart(FsDouble::Survival::kNone);
  EXPECT_EQ(fs_.ContentOf(staged), content);
  EXPECT_TRUE(fs_.Exists("/lake/clicks/date=2025-10-10"));
}

TEST_F(CommitTest, RecordsThatAnotherProcessLandedAreDropped) {
  Lander lander = Start();
  auto late = lander.Stage(Offset(0));
  ASSERT_TRUE(late.ok() && lander.Land(Offset(0)).ok());
  const auto landed = lander.Commit(std::move(*late));
  ASSERT_FALSE(landed.ok());
  EXPECT_EQ(landed.error().code(), ErrorCode::kConflict);
  ExpectExact(lander.opened, Offset(10));  // recovery removed the late files from staging
  EXPECT_TRUE(lander.Land(Offset(10)).ok());
}

TEST_F(CommitTest, AStagedFileThatLostItsNameIsNotDecided) {
  Lander lander = Start();
  auto batch = lander.Stage(Offset(0));
  ASSERT_TRUE(batch.ok());
  ASSERT_TRUE(fs_.Unlink(paths_.StagedFile(batch->proposal.files[1].staged_name)).ok());
  const auto landed = lander.Commit(std::move(*batch));
  ASSERT_FALSE(landed.ok());
  EXPECT_EQ(landed.error().code(), ErrorCode::kConflict);
  ExpectExact(lander.opened, Offset(0));
}

TEST_F(CommitTest, AMalformedProposalMakesNoDirectory) {
  Lander lander = Start();
  auto batch = lander.Stage(Offset(0));
  ASSERT_TRUE(batch.ok());
  batch->proposal.files[0].partition_dir = "date=../../up";
  const auto landed = lander.Commit(std::move(*batch));
  ASSERT_FALSE(landed.ok());
  EXPECT_EQ(landed.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_FALSE(fs_.Exists("/lake/clicks"));
}

TEST_F(CommitTest, ATableOnAnotherDeviceIsRefusedBeforeTheDecision) {
  Lander lander = Start();
  fs_.SetDevice("/lake/clicks/date=2025-10-31", 2);
  const auto landed = lander.Land(Offset(0));
  ASSERT_FALSE(landed.ok());
  EXPECT_THAT(landed.error().message(), testing::HasSubstr("different devices"));
  EXPECT_EQ(*lander.opened.ledger->LastBatch(), BatchId(0));
}

TEST_F(CommitTest, RecoveryPublishesWhatWasDecided) {
  DecideOnly();
  ExpectRecovers();
}

TEST_F(CommitTest, RecoveryTakesAFileThatIsInItsPlaceAlready) {
  const DecidedBatch batch = DecideOnly();
  Move(Staged(batch.files[0]), Target(batch.files[0]));
  ExpectRecovers();
}

TEST_F(CommitTest, RecoverySyncsDirectoriesAndParentsOfFilesThatAreInPlace) {
  const DecidedBatch batch = DecideOnly();
  for (const LedgerFile& file : batch.files) {  // as by a process that died before any sync
    for (const std::string& directory : paths_.DirectoriesOf(file.place.table, file.place.partition_dir)) {
      ASSERT_TRUE(fs_.MakeDirectory(directory).ok());
    }
    ASSERT_EQ(*fs_.RenameNoReplace(Staged(file), Target(file)), RenameOutcome::kDone);
  }
  ExpectRecovers();
  fs_.Restart(FsDouble::Survival::kNone);
  ExpectRecovers();
}

TEST_F(CommitTest, PublishingUnlinksTheStagedOneOfTwoCopies) {
  const DecidedBatch batch = DecideOnly();
  fs_.PutFile(Target(batch.files[1]), Content(Staged(batch.files[1])));
  auto opened = OpenLake(fs_, kLake, Options());
  ASSERT_TRUE(opened.ok());
  ASSERT_TRUE(PublishBatch(opened->lake->store(), *opened->ledger, batch).ok());
  ExpectExact(*opened, Offset(10));  // staging is empty without a recovery
}

TEST_F(CommitTest, RecoveryStopsAtAFileWithAnotherContentInPlace) {
  const DecidedBatch batch = DecideOnly();
  fs_.PutFile(Target(batch.files[1]), "something else");
  ExpectStopsNaming(Target(batch.files[1]));
  EXPECT_TRUE(fs_.Exists(Staged(batch.files[1])));
}

TEST_F(CommitTest, RecoveryStopsAtAFileThatIsNowhere) {
  const DecidedBatch batch = DecideOnly();
  ASSERT_TRUE(fs_.Unlink(Staged(batch.files[2])).ok());
  ExpectStopsNaming(Target(batch.files[2]));
}

TEST_F(CommitTest, RecoveryRemovesOrphansAndKeepsWhatIsDecided) {
  const DecidedBatch batch = DecideOnly();
  const std::string orphan = paths_.StagedFile(RandomStagedName());
  fs_.PutFile(orphan, "cut off");
  auto opened = OpenLake(fs_, kLake, Options());
  ASSERT_TRUE(opened.ok());
  Committer committer(opened->lake->store(), *opened->ledger);
  const auto report = committer.Recover();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->published, std::vector<BatchId>{BatchId(1)});
  EXPECT_EQ(report->orphans_removed, 1);
  EXPECT_FALSE(fs_.Exists(orphan));
  ExpectExact(*opened, Offset(10));
}

TEST_F(CommitTest, AnotherProcessMayRenameAtAnyOperationOfPublishing) {
  bool interrupted = true;
  int64_t operations = 0;
  for (int64_t at = 1; interrupted; ++at) {
    SCOPED_TRACE("before operation " + std::to_string(at));
    FsDouble fs;
    const VfsDouble vfs(fs);
    OpenLakeOptions options;
    options.ledger = {0, vfs.name()};
    auto lander = Lander::Start(fs, kLake, options);
    ASSERT_TRUE(lander.ok());
    auto batch = lander->Stage(Offset(0));
    ASSERT_TRUE(batch.ok());
    const auto decided = lander->opened.ledger->Decide(batch->proposal, [] { return Ok(); });
    ASSERT_TRUE(decided.ok());
    const int64_t before = fs.operations();
    interrupted = false;
    fs.InterruptAt(before + at, [&] {
      interrupted = true;
      operations = at;
      for (const LedgerFile& file : decided->files) {
        for (const auto& directory : paths_.DirectoriesOf(file.place.table, file.place.partition_dir)) {
          ASSERT_TRUE(fs.MakeDirectory(directory).ok());
        }
        ASSERT_TRUE(fs.RenameNoReplace(Staged(file), Target(file)).ok());
      }
    });
    const Status published = PublishBatch(lander->store(), *lander->opened.ledger, *decided);
    ASSERT_TRUE(published.ok()) << published.error().message();
    ExpectExact(lander->opened, Offset(10));
  }
  EXPECT_GT(operations, 20);
}

TEST(CommitOnDisk, ADirectoryThatVanishesBeforeItIsPublishedIsMadeAgain) {
  const std::string dir = testing::TempDir() + "/commit_test." + std::to_string(::getpid());
  {
    auto lander = Lander::Start(PosixFs(), dir, {});
    ASSERT_TRUE(lander.ok()) << lander.error().message();
    auto batch = lander->Stage(Offset(0));
    ASSERT_TRUE(batch.ok());
    auto prepared = lander->committer->Prepare(std::move(*batch));
    ASSERT_TRUE(prepared.ok());
    ASSERT_GT(std::filesystem::remove_all(dir + "/clicks"), 1u);
    const auto landed = lander->committer->Commit(std::move(*prepared), Ok());
    ASSERT_TRUE(landed.ok()) << landed.error().message();
    ExpectExact(lander->opened, Offset(10));
  }
  std::filesystem::remove_all(dir);
}

TEST(CommitOnDisk, LandsAndOpensAgain) {
  const std::string dir = testing::TempDir() + "/commit_test." + std::to_string(::getpid());
  {
    auto lander = Lander::Start(PosixFs(), dir, {});
    ASSERT_TRUE(lander.ok()) << lander.error().message();
    ASSERT_TRUE(lander->Land(Offset(0)).ok());
    const auto landed = lander->Land(Offset(10));
    ASSERT_TRUE(landed.ok()) << landed.error().message();
  }
  auto lander = Lander::Start(PosixFs(), dir, {});
  ASSERT_TRUE(lander.ok()) << lander.error().message();
  ExpectExact(lander->opened, Offset(20));
  const auto reading = OpenLakeForReading(PosixFs(), dir);
  ASSERT_TRUE(reading.ok());
  EXPECT_EQ(reading->ledger->Snapshot(BatchId(1))->batches.size(), 1u);
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace forebay
