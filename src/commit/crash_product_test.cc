// Crashes at every point of a first landing combined with every point of the recovery after it, each followed
// by another recovery. Runs in one process on the disk double, SQLite included. Long: only in a build with
// test hooks.
#ifdef FOREBAY_TEST_HOOKS

#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <vector>

#include "commit/crash_effort.h"
#include "commit/crash_machine.h"

namespace forebay {
namespace {

using Survival = FsDouble::Survival;

// Data that survives the crash of the commit, and the crash of the recovery.
struct Crashes {
  std::string name;
  Survival commit;
  Survival recovery;
};

void PrintTo(const Crashes& crashes, std::ostream* out) {
  *out << crashes.name;
}

// The operations of a run. `different` lists the operations before which a crash leaves a distinct disk.
struct Points {
  int64_t operations = 0;
  std::vector<int64_t> different;

  static Points Of(const FsDouble& fs) {
    Points points = {fs.operations(), fs.changing_operations()};
    // A crash after the last change is a distinct point, too.
    if (points.different.empty() || points.different.back() < points.operations)
      points.different.push_back(points.operations);
    return points;
  }

  // Number of operations that a crash at different[i] represents.
  int64_t Weight(size_t i) const { return different[i] - (i == 0 ? 0 : different[i - 1]); }
};

struct Tried {
  int64_t commit_points = 0;
  int64_t pairs = 0;
  int64_t crashes = 0;
};

class CrashProduct : public testing::TestWithParam<Crashes> {
 protected:
  // Crashes the recovery of this disk before each of its operations that leaves a distinct disk.
  void CrashTheRecovery(const CrashMachine& crashed, uint64_t seed, Tried* tried, int64_t weight) {
    const Points points = PointsOfRecovery(crashed);
    for (size_t i = 0; i < points.different.size() && !HasFailure(); ++i) {
      SCOPED_TRACE("the recovery cut before operation " + std::to_string(points.different[i]));
      CrashMachine machine(1);
      Copy(crashed, &machine);
      machine.fs.CutPowerAt(points.different[i]);
      ASSERT_FALSE(machine.Recover().ok());
      machine.fs.Restart(GetParam().recovery, seed + i);
      machine.ExpectRecovers();
      ++tried->crashes;
    }
    tried->pairs += points.operations * weight;
  }

  static Points PointsOfRecovery(const CrashMachine& crashed) {
    CrashMachine machine(1);
    Copy(crashed, &machine);
    const Status recovered = machine.Recover();
    EXPECT_TRUE(recovered.ok()) << recovered.error().message();
    return Points::Of(machine.fs);
  }

  static void Copy(const CrashMachine& from, CrashMachine* to) {
    to->fs.CopyDisk(from.fs);
    to->acknowledged = from.acknowledged;
  }
};

TEST_P(CrashProduct, EveryPointOfACommitTimesEveryPointOfARecovery) {
  CrashMachine whole(1);
  ASSERT_TRUE(whole.Work().ok());
  const Points points = Points::Of(whole.fs);
  const bool is_random = GetParam().commit == Survival::kSome || GetParam().recovery == Survival::kSome;
  const int64_t rounds = is_random && IsNight() ? 20 : 1;
  Tried tried;
  tried.commit_points = points.operations;
  const std::vector<int64_t> to_try = PointsToTry(std::ssize(points.different));
  for (const int64_t point : to_try) {
    const size_t i = static_cast<size_t>(point) - 1;
    for (int64_t round = 0; round < rounds && !HasFailure(); ++round) {
      const uint64_t seed = static_cast<uint64_t>(points.different[i] * 1'000'003 + round * 7919);
      SCOPED_TRACE("the landing cut before operation " + std::to_string(points.different[i]) + ", seed " +
                   std::to_string(seed));
      CrashMachine machine(1);
      machine.fs.CutPowerAt(points.different[i]);
      ASSERT_FALSE(machine.Work().ok());
      machine.fs.Restart(GetParam().commit, seed);
      CrashTheRecovery(machine, seed, &tried, points.Weight(i));
    }
  }
  std::cout << "  " << GetParam().name << ": " << tried.commit_points << " points of a landing, "
            << tried.pairs << " pairs with a point of the recovery, " << tried.crashes
            << " different disks tried" << std::endl;
  // Of a sample, as many as its share of the points.
  EXPECT_GT(tried.pairs * std::ssize(points.different), 10'000 * std::ssize(to_try));
}

INSTANTIATE_TEST_SUITE_P(
    Crashes, CrashProduct,
    testing::Values(Crashes{"KilledThenKilled", Survival::kAll, Survival::kAll},
                    Crashes{"KilledThenAllUnsyncedLost", Survival::kAll, Survival::kNone},
                    Crashes{"KilledThenSomeUnsyncedLost", Survival::kAll, Survival::kSome},
                    Crashes{"AllUnsyncedLostThenKilled", Survival::kNone, Survival::kAll},
                    Crashes{"AllUnsyncedLostTwice", Survival::kNone, Survival::kNone},
                    Crashes{"SomeUnsyncedLostThenKilled", Survival::kSome, Survival::kAll},
                    Crashes{"SomeUnsyncedLostTwice", Survival::kSome, Survival::kSome}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace forebay

#endif  // FOREBAY_TEST_HOOKS
