// A ledger in a log of conditional writes: lost races, unknown outcomes, other writers between a decision and
// its commit, and logs that are damaged or were set back.
#include <array>
#include <thread>
#include <vector>

#include "ledger/ledger_fixture.h"
#include "ledger/log_ledger_store.h"
#include "ledger/rows.h"
#include "ledger/schema.h"

namespace forebay {
namespace {

using Fault = MemoryLedgerLog::Fault;

class LogLedgerTest : public LedgerFixture {
 protected:
  LogLedgerTest() : LedgerFixture(std::make_unique<LogBackend>()) {}

  MemoryLedgerLog& log() { return static_cast<LogBackend&>(*backend_).log(); }
  LedgerEntry Entry(int64_t number) { return *DecodeEntry("test", log().Entry(number)); }
  // The entry that would follow, without changes.
  LedgerEntry NextEntry() {
    LedgerEntry entry = Entry(log().size());
    entry.previous = EntryHash(log().Entry(entry.number));
    ++entry.number;
    entry.schema_from = entry.schema_to;
    entry.changes.clear();
    return entry;
  }
  void Put(const LedgerEntry& entry) { log().Put(entry.number, EncodeEntry(entry)); }
};

TEST_F(LogLedgerTest, EveryLedgerReadsTheNewestState) {
  const auto first = CreateAndBegin();
  const auto second = Open();
  ASSERT_TRUE(first->Decide(Proposal(5, 10), StagedFilesExist).ok());
  EXPECT_EQ(*second->LastBatch(), BatchId(1));
  ASSERT_TRUE(second->MarkPublished(BatchId(1)).ok());
  EXPECT_EQ(*first->StateOf(BatchId(1)), BatchState::kPublished);
  EXPECT_EQ(first->Snapshot()->batches[0].files[0].file.checksum,
            second->Snapshot()->batches[0].files[0].file.checksum);
}

TEST_F(LogLedgerTest, AChangeOfNothingAppendsNothing) {
  const auto ledger = CreateAndBegin();
  ASSERT_TRUE(ledger->Decide(Proposal(5, 10), StagedFilesExist).ok());
  ASSERT_TRUE(ledger->MarkPublished(BatchId(1)).ok());
  const int64_t size = log().size();
  EXPECT_TRUE(ledger->MarkPublished(BatchId(1)).ok());
  EXPECT_TRUE(ledger->MarkRebuilt(ledger->Snapshot()->batches[0].files).ok());
  EXPECT_TRUE(ledger->AcceptLoss({}).ok());
  EXPECT_EQ(log().size(), size);
}

TEST_F(LogLedgerTest, AnEmptyLogIsRefused) {
  ExpectRefused(Ledger::Open(backend_->OpenStore()), "is empty");
}

// ---- races ----

TEST_F(LogLedgerTest, ALostRaceIsDecidedAgainOnTheNewerState) {
  const auto first = CreateAndBegin(), second = Open();
  ASSERT_TRUE(first->Decide(Proposal(5, 10), StagedFilesExist).ok());
  int checks = 0;
  log().BeforeNextAppend([&] { EXPECT_TRUE(second->MarkPublished(BatchId(1)).ok()); });
  const auto decided = first->Decide(Proposal(10, 15), [&] {
    ++checks;
    return Ok();
  });
  ASSERT_TRUE(decided.ok()) << decided.error().message();
  EXPECT_EQ(checks, 2);
  EXPECT_EQ(decided->id, BatchId(2));
  EXPECT_EQ(decided->files.size(), 2u);
  EXPECT_EQ(*second->StateOf(BatchId(1)), BatchState::kPublished);
  EXPECT_TRUE(second->CheckIntegrity().ok());
}

TEST_F(LogLedgerTest, ALostRaceForTheSameOffsetsIsAConflict) {
  const auto first = CreateAndBegin(), second = Open();
  log().BeforeNextAppend([&] { EXPECT_TRUE(second->Decide(Proposal(5, 10), StagedFilesExist).ok()); });
  ExpectRefused(first->Decide(Proposal(5, 12), StagedFilesExist), "landed by another process",
                ErrorCode::kConflict);
  EXPECT_EQ(*first->LastBatch(), BatchId(1));
  EXPECT_EQ(first->NextPositions(kClicks)->at(PartitionId(0)).next, Offset(10));
  EXPECT_TRUE(first->Decide(Proposal(10, 15), StagedFilesExist).ok());
  EXPECT_TRUE(second->CheckIntegrity().ok());
}

TEST_F(LogLedgerTest, TheSecondCreatorTakesTheFirstOnesId) {
  log().BeforeNextAppend([&] { EXPECT_EQ(Create()->lake_id(), kLakeId); });
  EXPECT_EQ(Create("another-id")->lake_id(), kLakeId);
  EXPECT_EQ(log().size(), 1);
}

TEST_F(LogLedgerTest, ConcurrentWritersTile) {
  constexpr int kWriters = 4, kEnd = 205;
  const auto ledger = CreateAndBegin();
  std::vector<std::thread> writers;
  std::array<int, kWriters> landed{};
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      const auto mine = Open();
      while (true) {
        const int64_t next = mine->NextPositions(kClicks)->at(PartitionId(0)).next.value();
        if (next >= kEnd) return;
        const auto decided = mine->Decide(Proposal(next, next + 5), StagedFilesExist);
        if (decided.ok()) {
          ++landed[static_cast<size_t>(writer)];
          EXPECT_TRUE(mine->MarkPublished(decided->id).ok());
        } else {
          EXPECT_EQ(decided.error().code(), ErrorCode::kConflict) << decided.error().message();
        }
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(landed[0] + landed[1] + landed[2] + landed[3], 40);
  const auto snapshot = ledger->Snapshot();
  ASSERT_EQ(snapshot->batches.size(), 40u);
  int64_t next = 5;
  for (const LedgerBatch& batch : snapshot->batches) {
    EXPECT_EQ(batch.ranges[0].offsets.from, Offset(next));
    next = batch.ranges[0].offsets.to.value();
    EXPECT_EQ(batch.state, BatchState::kPublished);
  }
  EXPECT_TRUE(ledger->CheckIntegrity().ok());
}

// ---- unknown outcomes ----

TEST_F(LogLedgerTest, AnUnknownOutcomeIsSettledByReadingTheEntryBack) {
  const auto ledger = CreateAndBegin();
  int64_t from = 5;
  for (const Fault fault : {Fault::kUnconfirmed, Fault::kLost, Fault::kDelayed}) {
    log().FailAppends({fault});
    const auto decided = ledger->Decide(Proposal(from, from + 5), StagedFilesExist);
    ASSERT_TRUE(decided.ok()) << decided.error().message();
    from += 5;
  }
  EXPECT_EQ(log().size(), 5);  // with the creation and the beginning
  EXPECT_EQ(*Open()->LastBatch(), BatchId(3));
}

TEST_F(LogLedgerTest, AnUnknownOutcomeThatAnotherWriterSettles) {
  const auto first = CreateAndBegin(), second = Open();
  log().BeforeNextAppend([&] {
    EXPECT_TRUE(second->Decide(Proposal(5, 10), StagedFilesExist).ok());
    log().FailAppends({Fault::kDelayed});  // its number is taken when it arrives
  });
  ExpectRefused(first->Decide(Proposal(5, 12), StagedFilesExist), "landed by another process",
                ErrorCode::kConflict);
  EXPECT_EQ(second->NextPositions(kClicks)->at(PartitionId(0)).next, Offset(10));
}

TEST_F(LogLedgerTest, ACertainRefusalWritesNothing) {
  const auto ledger = CreateAndBegin();
  log().FailAppends({Fault::kRefused});
  ExpectRefused(ledger->Decide(Proposal(5, 10), StagedFilesExist), "refused", ErrorCode::kIoError);
  EXPECT_EQ(*ledger->LastBatch(), BatchId(0));
  EXPECT_TRUE(ledger->Decide(Proposal(5, 10), StagedFilesExist).ok());
}

// Success, failure and "unknown" agree with the log, also after a delayed entry has arrived: for each fault
// of the first and the second attempt, and of all later ones, with reads that fail never, once, and always.
TEST_F(LogLedgerTest, EverySequenceOfFaults) {
  CreateAndBegin();
  constexpr Fault kFaults[] = {Fault::kNone, Fault::kRefused, Fault::kLost, Fault::kUnconfirmed,
                               Fault::kDelayed};
  int committed = 0, refused = 0, unknown = 0, unknown_and_committed = 0;
  for (int sequence = 0; sequence < 5 * 5 * 5 * 3; ++sequence) {
    SCOPED_TRACE(sequence);
    const Fault later = kFaults[sequence / 25 % 5];
    const int failing_reads = sequence / 125 == 2 ? 1000 : sequence / 125;
    const auto copy = std::make_shared<MemoryLedgerLog>();
    for (const int64_t number : {1, 2}) copy->Put(number, log().Entry(number));
    const auto ledger = *Ledger::Open(std::make_unique<LogLedgerStore>(copy));
    copy->FailAppends({kFaults[sequence % 5], kFaults[sequence / 5 % 5], later, later, later, later});
    const auto decided = ledger->Decide(Proposal(5, 10), [&] {
      copy->FailReads(failing_reads);  // after the reads that begin the change
      return Ok();
    });
    copy->FailReads(0);
    copy->FailAppends({});
    EXPECT_TRUE(copy->Read(1).ok());  // a delayed entry arrives
    const auto other = *Ledger::Open(std::make_unique<LogLedgerStore>(copy));
    const bool is_landed = *other->LastBatch() == BatchId(1);
    if (decided.ok()) {
      ++committed;
      EXPECT_TRUE(is_landed);
      EXPECT_TRUE(ledger->MarkPublished(BatchId(1)).ok());
    } else if (decided.error().code() == ErrorCode::kCommitStateUnknown) {
      ++unknown;
      unknown_and_committed += is_landed;
      EXPECT_EQ(ledger->LastBatch().error().code(), ErrorCode::kCommitStateUnknown);
      EXPECT_EQ(ledger->MarkPublished(BatchId(1)).error().code(), ErrorCode::kCommitStateUnknown);
    } else {
      ++refused;
      EXPECT_EQ(decided.error().code(), ErrorCode::kIoError) << decided.error().message();
      EXPECT_FALSE(is_landed);
      EXPECT_TRUE(ledger->LastBatch().ok());
    }
    EXPECT_EQ(other->Decide(Proposal(5, 10), StagedFilesExist).ok(), !is_landed);
    if (HasFailure()) return;
  }
  EXPECT_GT(committed, 50);
  EXPECT_GT(refused, 50);
  EXPECT_GT(unknown, unknown_and_committed);
  EXPECT_GT(unknown_and_committed, 0);
}

// ---- fences ----

TEST_F(LogLedgerTest, RemovingOrphansFencesOtherWriters) {
  const auto first = CreateAndBegin();
  ASSERT_TRUE(first->Decide(Proposal(5, 10), StagedFilesExist).ok());
  const auto second = Open();
  const auto none = [] { return Result<std::vector<std::string>>(std::vector<std::string>()); };
  const auto unlink = [](const std::string&) { return Ok(); };
  ASSERT_TRUE(second->RemoveOrphans(none, unlink).ok());

  ExpectRefused(first->Decide(Proposal(10, 15), StagedFilesExist), "taken over", ErrorCode::kLockHeld);
  ExpectRefused(first->RemoveOrphans(none, unlink), "taken over", ErrorCode::kLockHeld);
  const LedgerFile file = first->Snapshot()->batches[0].files[0];
  ExpectRefused(first->DecideRebuild({{file, file.file, "missing"}}, StagedFilesExist), "taken over",
                ErrorCode::kLockHeld);
  EXPECT_TRUE(first->MarkPublished(BatchId(1)).ok());  // what is decided may be completed
  EXPECT_TRUE(second->Decide(Proposal(10, 15), StagedFilesExist).ok());
  EXPECT_TRUE(Open()->Decide(Proposal(15, 20), StagedFilesExist).ok());
}

TEST_F(LogLedgerTest, AFileThatIsDecidedBeforeTheFenceIsNotAnOrphan) {
  const auto first = CreateAndBegin(), second = Open();
  const BatchProposal proposal = Proposal(5, 10);
  log().BeforeNextAppend([&] { EXPECT_TRUE(first->Decide(proposal, StagedFilesExist).ok()); });
  std::vector<std::string> removed;
  const auto count = second->RemoveOrphans(
      [&]() -> Result<std::vector<std::string>> {
        return std::vector<std::string>{proposal.files[0].staged_name, "orphan"};
      },
      [&](const std::string& name) {
        removed.push_back(name);
        return Ok();
      });
  ASSERT_TRUE(count.ok()) << count.error().message();
  EXPECT_EQ(removed, std::vector<std::string>{"orphan"});
}

// ---- the log is damaged, or set back ----

TEST_F(LogLedgerTest, ALogWithoutItsNewestEntryIsRefused) {
  const auto ledger = CreateAndBegin();
  ASSERT_TRUE(ledger->Decide(Proposal(5, 10), StagedFilesExist).ok());
  const std::string newest = log().Entry(3);
  log().Remove(3);
  ExpectRefused(ledger->Decide(Proposal(10, 15), StagedFilesExist), "set back: entry 3 is missing");
  log().Put(3, newest);
  ExpectRefused(ledger->LastBatch(), "set back");  // whatever happens afterwards
  EXPECT_EQ(*Open()->LastBatch(), BatchId(1));
}

TEST_F(LogLedgerTest, ALogThatWasSetBackAndExtendedIsRefused) {
  const auto ledger = CreateAndBegin();
  ASSERT_TRUE(ledger->Decide(Proposal(5, 10), StagedFilesExist).ok());
  log().Remove(3);
  const auto other = Open();
  ASSERT_TRUE(other->Decide(Proposal(5, 12), StagedFilesExist).ok());
  ASSERT_TRUE(other->MarkPublished(BatchId(1)).ok());
  ExpectRefused(ledger->Decide(Proposal(10, 15), StagedFilesExist), "set back: entry 3 differs");
}

TEST_F(LogLedgerTest, ALogWithAHoleIsRefused) {
  ASSERT_TRUE(CreateAndBegin()->Decide(Proposal(5, 10), StagedFilesExist).ok());
  log().Remove(2);
  ExpectRefused(Ledger::Open(backend_->OpenStore()), "entry 2 is missing");
}

TEST_F(LogLedgerTest, AnEntryThatDoesNotContinueTheOneBeforeIsRefused) {
  const auto ledger = CreateAndBegin();
  LedgerEntry entry = NextEntry();
  entry.previous[0] ^= 1;
  Put(entry);
  ExpectRefused(ledger->LastBatch(), "does not continue");
}

TEST_F(LogLedgerTest, ADamagedEntryIsRefused) {
  CreateAndBegin();
  const std::string whole = log().Entry(2);
  ASSERT_TRUE(DecodeEntry("test", whole).ok());
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] ^= 1;
    EXPECT_FALSE(DecodeEntry("test", damaged).ok()) << at;
    EXPECT_FALSE(DecodeEntry("test", whole.substr(0, at)).ok()) << at;
  }
  log().Put(2, whole.substr(0, 200));
  ExpectRefused(Ledger::Open(backend_->OpenStore()), "damaged entry");
}

TEST_F(LogLedgerTest, UnknownVersionsAreRefused) {
  const auto ledger = CreateAndBegin();
  LedgerEntry entry = NextEntry();
  entry.schema_to = kLedgerVersion + 1;
  Put(entry);
  const std::string newer = "version " + std::to_string(kLedgerVersion + 1);
  ExpectRefused(ledger->LastBatch(), newer, ErrorCode::kFailedPrecondition);
  ExpectRefused(Ledger::OpenForReading(backend_->OpenStore()), newer, ErrorCode::kFailedPrecondition);
  std::string bytes = log().Entry(3);
  bytes[7] = '2';
  log().Put(3, bytes);
  ExpectRefused(Ledger::Open(backend_->OpenStore()), "unknown format", ErrorCode::kFailedPrecondition);
  log().Remove(3);
  entry = NextEntry();
  entry.kind = static_cast<LedgerEntry::Kind>(9);
  Put(entry);
  ExpectRefused(Ledger::Open(backend_->OpenStore()), "unknown kind", ErrorCode::kFailedPrecondition);
}

// ---- the cache ----

TEST_F(LogLedgerTest, ACacheThatDiffersIsRebuilt) {
  auto store = backend_->OpenStore();
  LedgerStore* const cache = store.get();
  const auto other = CreateAndBegin();
  const auto ledger = *Ledger::Open(std::move(store));
  ASSERT_TRUE((*cache->Load())->Execute("UPDATE partitions SET next = 99").ok());
  ASSERT_TRUE(ledger->Decide(Proposal(5, 10), StagedFilesExist).ok());
  ASSERT_TRUE((*cache->Load())->Execute("PRAGMA foreign_keys=OFF; DELETE FROM batches").ok());
  ASSERT_TRUE(other->MarkPublished(BatchId(1)).ok());  // does not apply to that cache
  EXPECT_EQ(*ledger->StateOf(BatchId(1)), BatchState::kPublished);
}

TEST_F(LogLedgerTest, EntriesThatDoNotAddUpAreRefused) {
  const auto ledger = CreateAndBegin();
  LedgerEntry entry = NextEntry();
  entry.digest[0] ^= 1;
  Put(entry);
  ExpectRefused(ledger->LastBatch(), "do not add up");
  entry = Entry(2);  // its rows, twice
  entry.number = 3;
  entry.previous = EntryHash(log().Entry(2));
  Put(entry);
  ExpectRefused(Ledger::Open(backend_->OpenStore()), "do not add up");
}

TEST_F(LogLedgerTest, ChangesOfUnknownTablesAreRefused) {
  const auto ledger = CreateAndBegin();
  const auto db = Sqlite::OpenInMemory("test");
  ASSERT_TRUE((*db)->Execute("CREATE TABLE songs (id INTEGER PRIMARY KEY, title TEXT)").ok());
  auto recorder = ChangeRecorder::Begin(**db);
  ASSERT_TRUE((*db)->Execute("INSERT INTO songs VALUES (1, 'a')").ok());
  LedgerEntry entry = NextEntry();
  entry.changes = *recorder->Changes();
  Put(entry);
  ExpectRefused(ledger->LastBatch(), "do not add up");
}

// ---- schema ----

class OlderLogLedgerTest : public LogLedgerTest {
 protected:
  // The log of a program whose schema was version 2.
  void SetUp() override {
    const auto db = Sqlite::OpenInMemory("test");
    ASSERT_TRUE(UpgradeSchema(**db, 0, 2).ok());
    auto recorder = ChangeRecorder::Begin(**db);
    ASSERT_TRUE(InsertLake(**db, kLakeId, 1).ok());
    LedgerEntry entry;
    entry.number = 1;
    entry.schema_to = 2;
    entry.changes = *recorder->Changes();
    entry.digest = *LedgerDigest(**db);
    Put(entry);
  }
};

TEST_F(OlderLogLedgerTest, IsReadAsItIsAndFollowedWhenItIsUpgraded) {
  const auto reader = *Ledger::OpenForReading(backend_->OpenStore());
  EXPECT_TRUE(reader->Snapshot().ok());
  EXPECT_EQ(log().size(), 1);
  const auto ledger = CreateAndBegin();
  EXPECT_EQ(log().size(), 3);
  EXPECT_EQ(Entry(2).schema_from, 2);
  EXPECT_EQ(Entry(2).schema_to, kLedgerVersion);
  ASSERT_TRUE(ledger->Decide(Proposal(5, 10), StagedFilesExist).ok());
  const LedgerFile file = ledger->Snapshot()->batches[0].files[0];
  ASSERT_TRUE(ledger->DecideRebuild({{file, file.file, "missing"}}, StagedFilesExist).ok());
  EXPECT_EQ(reader->Snapshot()->rebuilds.size(), 1u);
}

TEST_F(OlderLogLedgerTest, IsUpgradedOnce) {
  log().BeforeNextAppend([&] { EXPECT_EQ(Open()->lake_id(), kLakeId); });
  EXPECT_EQ(Open()->lake_id(), kLakeId);
  EXPECT_EQ(log().size(), 2);
}

}  // namespace
}  // namespace forebay
