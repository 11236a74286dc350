// Expiry and rebuild of files on a filesystem and a ledger that lose power, or fail, at every single
// operation.
#include "commit/maintenance.h"

#include <gtest/gtest.h>

#include <string>

#include "commit/commit_fixture.h"
#include "commit/crash_effort.h"
#include "ledger/vfs_double.h"
#include "store/fs_double.h"

namespace forebay {
namespace {

constexpr const char* kLake = "/lake";
constexpr const char* kGone = "date=2025-10-31";

// A simulated machine with a lake of two batches.
struct Machine {
  FsDouble fs;
  VfsDouble vfs{fs};

  Machine() {
    auto lander = Start();
    EXPECT_TRUE(lander.ok() && lander->Land(Offset(0)).ok() && lander->Land(Offset(10)).ok());
    damaged = lander->opened.ledger->Snapshot()->batches[0].files[0].place;
  }

  Result<Lander> Start() {
    OpenLakeOptions options;
    options.ledger.busy_timeout_ms = 0;
    options.ledger.vfs = vfs.name();
    return Lander::Start(fs, kLake, options);
  }

  // Does the work of `lake expire`.
  Status Expire() {
    LedgerOptions ledger;
    ledger.busy_timeout_ms = 0;
    ledger.vfs = vfs.name();
    FOREBAY_ASSIGN(OpenedLake opened, OpenLakeBesideLanders(fs, kLake, ledger));
    FOREBAY_TRY(opened.ledger->BeginExpiry(
        "clicks", "a date", [](const LedgerFile& file) { return file.place.partition_dir == kGone; }));
    FOREBAY_TRY(FinishExpiry(opened.lake->store(), *opened.ledger));
    return Ok();
  }

  // Does the work of `lake rebuild` for a file whose content is known.
  Status Rebuild() {
    FOREBAY_ASSIGN(Lander lander, Start());
    FOREBAY_ASSIGN(const LedgerSnapshot snapshot, lander.opened.ledger->Snapshot());
    for (const LedgerFile& file : snapshot.batches[0].files) {
      if (file.place != damaged) continue;
      FOREBAY_ASSIGN(const auto writer, lander.store().CreateStaged(file.place));
      FOREBAY_TRY(writer->Append(whole.data(), whole.size()));
      FOREBAY_ASSIGN(const StagedFileWriter::Finished finished, writer->Finish());
      FOREBAY_TRY(finished.file->Sync());
      FOREBAY_TRY(lander.store().SyncStaged());
      ProposedFile after = file.file;
      after.staged_name = writer->name();
      after.bytes = static_cast<int64_t>(finished.content.bytes);
      after.checksum = finished.content.checksum;
      FOREBAY_TRY(lander.opened.ledger->DecideRebuild({{file, after, "damaged"}}, [] { return Ok(); }));
      FOREBAY_TRY(FinishRebuilds(lander.store(), *lander.opened.ledger));
    }
    return Ok();
  }

  // Damages a file as another process could; `whole` keeps its content.
  void Damage(bool missing) {
    whole = *fs.ContentOf(DamagedPath());
    fs.PutFile(DamagedPath(), "damaged");
    if (missing) {
      EXPECT_TRUE(fs.Unlink(DamagedPath()).ok());
    }
  }
  std::string DamagedPath() const { return LakePaths(kLake).File(damaged); }

  FilePlace damaged;
  std::string whole;
};

// For each operation of `work`: prepares a new machine, runs `work` with the power cut before that operation
// (or with that operation failing), and runs `check` after the restart.
template <typename Prepare, typename Work, typename Check>
void AtEveryOperation(bool fails, const Prepare& prepare, const Work& work, const Check& check) {
  int64_t operations = 0;
  {
    Machine machine;
    prepare(machine);
    const int64_t before = machine.fs.operations();
    const Status status = work(machine);
    ASSERT_TRUE(status.ok()) << status.error().message();
    operations = machine.fs.operations() - before;
  }
  ASSERT_GT(operations, 20);
  for (const int64_t at : PointsToTry(operations + 1)) {  // the last: after all operations
    for (const auto survival :
         {FsDouble::Survival::kAll, FsDouble::Survival::kNone, FsDouble::Survival::kSome}) {
      SCOPED_TRACE("operation " + std::to_string(at));
      Machine machine;
      prepare(machine);
      const int64_t then = machine.fs.operations() + at;
      fails ? machine.fs.FailAt(then) : machine.fs.CutPowerAt(then);
      const bool done = work(machine).ok();
      EXPECT_TRUE(fails || done == (at > operations));
      machine.fs.Restart(survival, static_cast<uint64_t>(at));
      check(machine);
      if (testing::Test::HasFailure()) return;
    }
  }
}

void ExpectExpiredOrNot(Machine& machine) {
  auto lander = machine.Start();
  ASSERT_TRUE(lander.ok()) << lander.error().message();
  ExpectExact(lander->opened, Offset(20));
  const auto snapshot = lander->opened.ledger->Snapshot();
  ASSERT_TRUE(snapshot.ok());
  int expired = 0;
  for (const LedgerBatch& batch : snapshot->batches) {
    for (const LedgerFile& file : batch.files) {
      if (file.state != FileState::kExpired) continue;
      ++expired;
      EXPECT_EQ(file.place.partition_dir, kGone);
    }
  }
  EXPECT_EQ(expired, snapshot->expiries.empty() ? 0 : 2);
  EXPECT_LE(snapshot->expiries.size(), 1u);
}

TEST(Expiry, PowerCutOrFailureAtEveryOperation) {
  for (const bool fails : {false, true}) {
    AtEveryOperation(
        fails, [](Machine&) {}, [](Machine& machine) { return machine.Expire(); }, ExpectExpiredOrNot);
  }
}

TEST(Expiry, OfADirectoryThatSomebodyTookAwayIsFinished) {
  Machine machine;
  auto lander = machine.Start();
  ASSERT_TRUE(lander.ok());
  ASSERT_TRUE(
      lander->opened.ledger->BeginExpiry("clicks", "all", [](const LedgerFile&) { return true; }).ok());
  const auto first = FinishExpiry(lander->store(), *lander->opened.ledger);
  ASSERT_TRUE(first.ok()) << first.error().message();
  EXPECT_EQ(*first, 4);
  const auto second = FinishExpiry(lander->store(), *lander->opened.ledger);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(*second, 0);
  ExpectExact(lander->opened, Offset(20));
}

void ExpectRebuiltOrNot(Machine& machine) {
  auto lander = machine.Start();
  ASSERT_TRUE(lander.ok()) << lander.error().message();
  const auto snapshot = lander->opened.ledger->Snapshot();
  ASSERT_TRUE(snapshot.ok());
  if (snapshot->rebuilds.empty()) {  // not decided: still damaged, and staging is empty
    EXPECT_NE(machine.fs.ContentOf(machine.DamagedPath()), machine.whole);
    EXPECT_TRUE(lander->store().ListStaged()->empty());
    return;
  }
  EXPECT_TRUE(snapshot->rebuilds[0].done_at_ms.has_value());
  ExpectExact(lander->opened, Offset(20));
}

TEST(Rebuild, PowerCutOrFailureAtEveryOperation) {
  for (const bool missing : {false, true}) {
    for (const bool fails : {false, true}) {
      AtEveryOperation(
          fails, [missing](Machine& machine) { machine.Damage(missing); },
          [](Machine& machine) { return machine.Rebuild(); }, ExpectRebuiltOrNot);
    }
  }
}

TEST(Rebuild, AFileThatIsGoneFromStagingIsNamed) {
  Machine machine;
  {
    auto lander = machine.Start();
    ASSERT_TRUE(lander.ok());
    const LedgerFile file = lander->opened.ledger->Snapshot()->batches[0].files[0];
    ProposedFile after = file.file;
    after.staged_name = RandomStagedName();
    after.checksum ^= 1;
    ASSERT_TRUE(lander->opened.ledger->DecideRebuild({{file, after, "damaged"}}, [] { return Ok(); }).ok());
  }
  const auto lander = machine.Start();
  ASSERT_FALSE(lander.ok());
  EXPECT_NE(lander.error().message().find("lake rebuild --file"), std::string::npos);
}

}  // namespace
}  // namespace forebay
