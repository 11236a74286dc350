// The commit protocol on a filesystem and a ledger that fail, or lose power, at every single operation.
#include <gtest/gtest.h>

#include <iterator>
#include <random>
#include <string>

#include "commit/crash_effort.h"
#include "commit/crash_machine.h"

namespace forebay {
namespace {

constexpr int64_t kBatches = 2;

int64_t OperationsOfWork() {
  CrashMachine machine(kBatches);
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
  for (const int64_t at : PointsToTry(operations)) {
    for (const Aftermath& aftermath : kAftermaths) {
      SCOPED_TRACE("cut before operation " + std::to_string(at) + ", seed " + std::to_string(aftermath.seed));
      CrashMachine machine(kBatches);
      machine.fs.CutPowerAt(at);
      ASSERT_FALSE(machine.Work().ok());
      machine.fs.Restart(aftermath.survival, aftermath.seed * 1000 + static_cast<uint64_t>(at));
      machine.ExpectGoesOn();
      if (HasFailure()) return;
    }
  }
}

TEST(CommitCrash, PowerCutsDuringRecoveryToo) {
  const int64_t operations = OperationsOfWork();
  std::mt19937_64 random(11);
  for (const int64_t at : PointsToTry(operations)) {
    SCOPED_TRACE("cut before operation " + std::to_string(at));
    CrashMachine machine(kBatches);
    machine.fs.CutPowerAt(at);
    ASSERT_FALSE(machine.Work().ok());
    for (int cut = 0; cut < 3; ++cut) {
      machine.fs.Restart(FsDouble::Survival::kSome, random());
      machine.fs.CutPowerAt(1 + static_cast<int64_t>(random() % 120));
      (void)machine.Work().ok();
    }
    machine.fs.Restart(FsDouble::Survival::kSome, random());
    machine.ExpectGoesOn();
    if (HasFailure()) return;
  }
}

TEST(CommitCrash, FailureOfEveryOperation) {
  const int64_t operations = OperationsOfWork();
  int64_t unknown_outcomes = 0;
  for (const int64_t at : PointsToTry(operations)) {
    for (const Aftermath& aftermath : kAftermaths) {
      SCOPED_TRACE("operation " + std::to_string(at) + " fails, seed " + std::to_string(aftermath.seed));
      CrashMachine machine(kBatches);
      machine.fs.FailAt(at);
      const Status status = machine.Work();
      if (!status.ok() && status.error().code() == ErrorCode::kCommitStateUnknown) ++unknown_outcomes;
      machine.fs.Restart(aftermath.survival, static_cast<uint64_t>(at));
      machine.ExpectGoesOn();
      if (HasFailure()) return;
    }
  }
  const bool all_were_tried = std::ssize(PointsToTry(operations)) == operations;
  EXPECT_TRUE(unknown_outcomes > 0 || !all_were_tried);
}

TEST(CommitCrash, ABrokenCommitterStaysBroken) {
  CrashMachine machine(kBatches);
  auto lander = machine.Start();
  ASSERT_TRUE(lander.ok());
  auto batch = lander->Stage(Offset(0));
  ASSERT_TRUE(batch.ok());
  machine.fs.FailAt(machine.fs.operations() + 1);  // the first sync
  const auto first = lander->Commit(std::move(*batch));
  ASSERT_FALSE(first.ok());
  EXPECT_EQ(first.error().code(), ErrorCode::kIoError);
  const auto second = lander->Land(Offset(0));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().message(), first.error().message());
}

}  // namespace
}  // namespace forebay
