// The commit protocol on the seams' other implementations: a table store in memory, and a ledger that is a
// log of conditional writes.
#include <gtest/gtest.h>

#include <memory>

#include "commit/commit_fixture.h"
#include "commit/maintenance.h"
#include "ledger/log_ledger_store.h"
#include "ledger/memory_ledger_log.h"
#include "store/memory_table_store.h"

namespace forebay {
namespace {

constexpr const char* kLakeId = "01234567-89ab-4cde-8fab-0123456789ab";

// A process that lands: its own ledger and committer, on the log and the table store that all share.
struct Process {
  std::unique_ptr<Ledger> ledger;
  std::unique_ptr<Committer> committer;
};

class CommitInMemory : public testing::Test {
 protected:
  void SetUp() override {
    auto ledger = Ledger::Create(std::make_unique<LogLedgerStore>(log_), kLakeId);
    ASSERT_TRUE(ledger.ok()) << ledger.error().message();
    ASSERT_TRUE((*ledger)->CommitBeginnings(TestBeginnings()).ok());
  }
  Process Start() {
    Process process;
    process.ledger = std::move(*Ledger::Open(std::make_unique<LogLedgerStore>(log_)));
    process.committer = std::make_unique<Committer>(store_, *process.ledger);
    const auto recovered = process.committer->Recover();
    EXPECT_TRUE(recovered.ok()) << recovered.error().message();
    return process;
  }
  Result<BatchId> Land(Process& process, Offset from) {
    FOREBAY_ASSIGN(StagedBatch batch, StageBatch(store_, from));
    FOREBAY_ASSIGN(PreparedBatch prepared, process.committer->Prepare(std::move(batch)));
    return process.committer->Commit(std::move(prepared), Ok());
  }
  // Decides the batch at `from`, and leaves its files staged and durable.
  void DecideOnly(Ledger& ledger, Offset from) {
    auto batch = StageBatch(store_, from);
    ASSERT_TRUE(batch.ok() && MakeDurable(store_, batch->staged).ok());
    ASSERT_TRUE(ledger.Decide(batch->proposal, [] { return Ok(); }).ok());
  }

  MemoryTableStore store_;
  std::shared_ptr<MemoryLedgerLog> log_ = std::make_shared<MemoryLedgerLog>();
};

TEST_F(CommitInMemory, LandsBatches) {
  Process process = Start();
  for (const int64_t from : {0, 10, 20}) {
    const auto landed = Land(process, Offset(from));
    ASSERT_TRUE(landed.ok()) << landed.error().message();
  }
  ExpectExact(store_, *process.ledger, Offset(30));
}

TEST_F(CommitInMemory, OfTwoProcessesWithOneRangeOneLands) {
  Process first = Start();
  auto late = StageBatch(store_, Offset(0));
  auto prepared = first.committer->Prepare(std::move(*late));
  ASSERT_TRUE(prepared.ok());
  // Another process commits the same range, without a recovery that would fence the first one.
  auto other = Ledger::Open(std::make_unique<LogLedgerStore>(log_));
  ASSERT_TRUE(other.ok());
  DecideOnly(**other, Offset(0));
  const auto landed = first.committer->Commit(std::move(*prepared), Ok());
  ASSERT_FALSE(landed.ok());
  EXPECT_EQ(landed.error().code(), ErrorCode::kConflict) << landed.error().message();
  ExpectExact(store_, *Start().ledger, Offset(10));
}

TEST_F(CommitInMemory, ARecoveryFencesOlderProcesses) {
  Process first = Start();
  auto prepared = first.committer->Prepare(std::move(*StageBatch(store_, Offset(0))));
  ASSERT_TRUE(prepared.ok());
  Process second = Start();  // takes the files of the first one for orphans
  const auto landed = first.committer->Commit(std::move(*prepared), Ok());
  ASSERT_FALSE(landed.ok());
  EXPECT_EQ(landed.error().code(), ErrorCode::kLockHeld) << landed.error().message();
  EXPECT_TRUE(Land(second, Offset(0)).ok());
  ExpectExact(store_, *second.ledger, Offset(10));
}

TEST_F(CommitInMemory, RecoveryPublishesADecidedBatchAndRemovesOrphans) {
  DecideOnly(*Start().ledger, Offset(0));
  ASSERT_TRUE(StageBatch(store_, Offset(10)).ok());  // of a process that died before its commit
  const Process process = Start();
  ExpectExact(store_, *process.ledger, Offset(10));
}

TEST_F(CommitInMemory, RecoveryStopsAtOtherContentInPlace) {
  Process process = Start();
  DecideOnly(*process.ledger, Offset(0));
  const FilePlace place = process.ledger->Unpublished()->front().files[1].place;
  store_.PutFile(place, "other content");
  const auto recovered = Committer(store_, *process.ledger).Recover();
  ASSERT_FALSE(recovered.ok());
  EXPECT_NE(recovered.error().message().find(PlaceText(place)), std::string::npos);
}

TEST_F(CommitInMemory, ExpiryAndRebuild) {
  Process process = Start();
  ASSERT_TRUE(Land(process, Offset(0)).ok() && Land(process, Offset(10)).ok());
  const LedgerFile old = process.ledger->Snapshot()->batches[0].files[0];
  const std::string content = "rebuilt";
  auto writer = store_.CreateStaged(old.place);
  ASSERT_TRUE((*writer)->Append(content.data(), content.size()).ok());
  auto finished = (*writer)->Finish();
  ASSERT_TRUE(finished.ok());
  std::vector<std::unique_ptr<StagedFile>> staged;
  staged.push_back(std::move(finished->file));
  ASSERT_TRUE(MakeDurable(store_, staged).ok());
  ProposedFile after = old.file;
  after.staged_name = staged[0]->name();
  after.bytes = static_cast<int64_t>(finished->content.bytes);
  after.checksum = finished->content.checksum;
  ASSERT_TRUE(process.ledger->DecideRebuild({{old, after, "damaged"}}, [] { return Ok(); }).ok());
  ASSERT_EQ(*FinishRebuilds(store_, *process.ledger), 1);
  ASSERT_TRUE(
      process.ledger
          ->BeginExpiry("clicks", "a date",
                        [](const LedgerFile& file) { return file.place.partition_dir == "date=2025-10-31"; })
          .ok());
  ASSERT_EQ(*FinishExpiry(store_, *process.ledger), 2);
  ExpectExact(store_, *process.ledger, Offset(20));
}

}  // namespace
}  // namespace forebay
