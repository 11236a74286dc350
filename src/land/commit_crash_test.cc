// The commit protocol over a filesystem and a ledger that fail, or lose their power, at every single
// operation.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "lake/fs_double.h"
#include "land/commit_fixture.h"
#include "ledger/vfs_double.h"

namespace forebay {
namespace {

constexpr const char* kLake = "/lake";

// A machine with a disk. `acknowledged` is how far a Commit said that it had landed.
struct Machine {
  FsDouble fs;
  VfsDouble vfs{fs};
  int64_t acknowledged = 0;
  const int64_t batches;

  explicit Machine(int64_t wanted = 2) : batches(wanted) {}

  OpenLakeOptions Options() const {
    OpenLakeOptions options;
    options.ledger.busy_timeout_ms = 0;
    options.ledger.vfs = vfs.name();
    return options;
  }

  // Lands what is missing of the batches, in one process, until something fails.
  Status Work() {
    FOREBAY_ASSIGN(Lander lander, Lander::Start(fs, kLake, Options()));
    return LandTheRest(lander);
  }

  Status LandTheRest(Lander& lander) {
    while (true) {
      FOREBAY_ASSIGN(const Offset next, lander.Next());
      if (next.value() == 10 * batches) return Ok();
      FOREBAY_TRY(lander.Land(next));
      acknowledged = next.value() + 10;
    }
  }

  // After a restart: recovery succeeds, all that was acknowledged is there, what is there is exact, and the
  // work goes on.
  void ExpectSound() {
    auto lander = Lander::Start(fs, kLake, Options());
    ASSERT_TRUE(lander.ok()) << lander.error().message();
    const auto next = lander->Next();
    ASSERT_TRUE(next.ok());
    EXPECT_GE(next->value(), acknowledged);
    ExpectExact(lander->opened, *next);
    const Status status = LandTheRest(*lander);
    ASSERT_TRUE(status.ok()) << status.error().message();
    ExpectExact(lander->opened, Offset(10 * batches));
  }
};

int64_t OperationsOfWork(int64_t batches = 2) {
  Machine machine(batches);
  EXPECT_TRUE(machine.Work().ok());
  return machine.fs.operations();
}

struct Aftermath {
  FsDouble::Survival survival;
  uint64_t seed;
};
constexpr Aftermath kAftermaths[] = {{FsDouble::Survival::kAll, 0},
                                     {FsDouble::Survival::kNone, 0},
                                     {FsDouble::Survival::kSome, 1},
                                     {FsDouble::Survival::kSome, 2}};

TEST(CommitCrash, PowerCutAtEveryOperation) {
  const int64_t operations = OperationsOfWork();
  ASSERT_GT(operations, 300);
  for (int64_t at = 1; at <= operations; ++at) {
    for (const Aftermath& aftermath : kAftermaths) {
      SCOPED_TRACE("cut before operation " + std::to_string(at) + ", seed " + std::to_string(aftermath.seed));
      Machine machine;
      machine.fs.CutPowerAt(at);
      ASSERT_FALSE(machine.Work().ok());
      machine.fs.Restart(aftermath.survival, aftermath.seed * 1000 + static_cast<uint64_t>(at));
      machine.ExpectSound();
      if (HasFailure()) return;
    }
  }
}

TEST(CommitCrash, PowerCutsDuringRecoveryToo) {
  const int64_t operations = OperationsOfWork();
  std::mt19937_64 random(11);
  for (int64_t at = 1; at <= operations; ++at) {
    SCOPED_TRACE("cut before operation " + std::to_string(at));
    Machine machine;
    machine.fs.CutPowerAt(at);
    ASSERT_FALSE(machine.Work().ok());
    for (int cut = 0; cut < 3; ++cut) {
      machine.fs.Restart(FsDouble::Survival::kSome, random());
      machine.fs.CutPowerAt(1 + static_cast<int64_t>(random() % 120));
      (void)machine.Work().ok();
    }
    machine.fs.Restart(FsDouble::Survival::kSome, random());
    machine.ExpectSound();
    if (HasFailure()) return;
  }
}

// Whether a kill at this operation leaves a batch that is decided and not published.
bool LeavesADecidedBatch(int64_t at) {
  Machine machine(1);
  machine.fs.CutPowerAt(at);
  EXPECT_FALSE(machine.Work().ok());
  machine.fs.Restart(FsDouble::Survival::kAll);
  if (!machine.fs.Exists("/lake/_forebay/lake.json")) return false;
  const auto opened = OpenLakeForReading(machine.fs, kLake, machine.Options().ledger);
  return opened.ok() && !opened->ledger->Unpublished()->empty();
}

// The process is killed around the commit point; the next one recovers from what the kernel shows, not all of
// which is on the disk; and then the power is cut.
TEST(CommitCrash, AKillAndThenAPowerCutDuringTheRecovery) {
  const int64_t operations = OperationsOfWork(1);
  int kills = 0;
  for (int64_t at = 1; at <= operations; ++at) {
    if (!LeavesADecidedBatch(at)) continue;
    ++kills;
    bool cut = true;
    // A third of the cuts for each kill: all of them would take half a minute.
    for (int64_t then = 1 + at % 3; cut && !HasFailure(); then += 3) {
      SCOPED_TRACE("killed before operation " + std::to_string(at) + ", cut before " + std::to_string(then));
      Machine machine(1);
      machine.fs.CutPowerAt(at);
      ASSERT_FALSE(machine.Work().ok());
      machine.fs.Restart(FsDouble::Survival::kAll);
      machine.fs.CutPowerAt(then);
      {
        const auto lander = Lander::Start(machine.fs, kLake, machine.Options());
        cut = machine.fs.power_is_cut();
        ASSERT_EQ(lander.ok(), !cut);
      }
      machine.fs.Restart(FsDouble::Survival::kNone);
      machine.ExpectSound();
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(kills, 20);
}

TEST(CommitCrash, FailureOfEveryOperation) {
  const int64_t operations = OperationsOfWork();
  int64_t unknown_outcomes = 0;
  for (int64_t at = 1; at <= operations; ++at) {
    for (const Aftermath& aftermath : kAftermaths) {
      SCOPED_TRACE("operation " + std::to_string(at) + " fails, seed " + std::to_string(aftermath.seed));
      Machine machine;
      machine.fs.FailAt(at);
      const Status status = machine.Work();
      if (!status.ok() && status.error().code() == ErrorCode::kUnknownOutcome) ++unknown_outcomes;
      machine.fs.Restart(aftermath.survival, static_cast<uint64_t>(at));
      machine.ExpectSound();
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(unknown_outcomes, 0);
}

TEST(CommitCrash, ABrokenCommitterStaysBroken) {
  Machine machine;
  auto lander = Lander::Start(machine.fs, kLake, machine.Options());
  ASSERT_TRUE(lander.ok());
  auto batch = lander->Stage(Offset(0));
  ASSERT_TRUE(batch.ok());
  machine.fs.FailAt(machine.fs.operations() + 1);  // the first sync
  const auto first = lander->committer->Commit(std::move(*batch), [] { return Ok(); });
  ASSERT_FALSE(first.ok());
  EXPECT_EQ(first.error().code(), ErrorCode::kWorld);
  const auto second = lander->Land(Offset(0));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().message(), first.error().message());
}

}  // namespace
}  // namespace forebay
