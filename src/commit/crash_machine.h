// A machine with a disk in memory, for tests that crash it: it lands a number of batches, and is looked over
// after a restart.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "commit/commit_fixture.h"
#include "ledger/vfs_double.h"
#include "store/fs_double.h"

namespace forebay {

struct CrashMachine {
  static constexpr const char* kLake = "/lake";

  FsDouble fs;
  VfsDouble vfs{fs};
  int64_t acknowledged = 0;  // how far a Commit, or a recovery, said that all is landed
  const int64_t batches;     // how many Work lands

  explicit CrashMachine(int64_t wanted) : batches(wanted) {}

  OpenLakeOptions Options() const {
    OpenLakeOptions options;
    options.ledger.busy_timeout_ms = 0;
    options.ledger.vfs = vfs.name();
    return options;
  }

  Result<Lander> Start() { return Lander::Start(fs, kLake, Options()); }

  // Recovers, and notes what is promised from then on.
  Status Recover() {
    FOREBAY_ASSIGN(Lander lander, Start());
    FOREBAY_ASSIGN(const Offset next, lander.Next());
    acknowledged = std::max(acknowledged, next.value());
    return Ok();
  }

  // Lands what is missing of the batches, in one process, until something fails.
  Status Work() {
    FOREBAY_ASSIGN(Lander lander, Start());
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

  // After a restart: recovery succeeds, all that was acknowledged is there, and what is there is exact.
  void ExpectRecovers() {
    auto lander = Start();
    ASSERT_TRUE(lander.ok()) << lander.error().message();
    ExpectSound(*lander);
  }

  // The same, and the work goes on to its end.
  void ExpectGoesOn() {
    auto lander = Start();
    ASSERT_TRUE(lander.ok()) << lander.error().message();
    ExpectSound(*lander);
    const Status status = LandTheRest(*lander);
    ASSERT_TRUE(status.ok()) << status.error().message();
    ExpectExact(lander->opened, Offset(10 * batches));
  }

 private:
  void ExpectSound(Lander& lander) {
    const auto next = lander.Next();
    ASSERT_TRUE(next.ok());
    EXPECT_GE(next->value(), acknowledged);
    ExpectExact(lander.opened, *next);
  }
};

}  // namespace forebay
