// A simulated machine with an in-memory disk, for crash tests: it lands a number of batches, crashes, and is
// checked after a restart.
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
  int64_t acknowledged = 0;  // all offsets below were reported as landed
  const int64_t batches;     // number of batches that Work lands

  explicit CrashMachine(int64_t wanted) : batches(wanted) {}

  OpenLakeOptions Options() const {
    OpenLakeOptions options;
    options.ledger.busy_timeout_ms = 0;
    options.ledger.vfs = vfs.name();
    return options;
  }

  Result<Lander> Start() { return Lander::Start(fs, kLake, Options()); }

  // Recovers, and records the position that must survive from now on.
  Status Recover() {
    FOREBAY_ASSIGN(Lander lander, Start());
    FOREBAY_ASSIGN(const Offset next, lander.Next());
    acknowledged = std::max(acknowledged, next.value());
    return Ok();
  }

  // Lands the remaining batches, in one process, until something fails.
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

  // After a restart: recovery succeeds, everything acknowledged is present, and the lake is exact.
  void ExpectRecovers() {
    auto lander = Start();
    ASSERT_TRUE(lander.ok()) << lander.error().message();
    ExpectSound(*lander);
  }

  // As ExpectRecovers, and then lands the remaining batches.
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
