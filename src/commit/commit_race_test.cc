// Two landers on one lake with the lock disabled: the compare-and-set alone keeps the lake exact.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "commit/commit_fixture.h"
#include "ledger/vfs_double.h"
#include "store/fs_double.h"

namespace forebay {
namespace {

constexpr const char* kLake = "/lake";

OpenLakeOptions OptionsFor(const VfsDouble& vfs) {
  OpenLakeOptions options;
  options.ledger.busy_timeout_ms = 0;
  options.ledger.vfs = vfs.name();
  return options;
}

struct Outcome {
  int64_t operations = 0;  // of the first lander's commit
  bool second_landed = false;
  std::optional<Error> first;  // its error
};

// The first lander lands [0, 10). Before its operation `at`, a second lander starts, recovers and lands the
// same range.
Outcome Race(int64_t at) {
  Outcome outcome;
  FsDouble fs;
  const VfsDouble vfs(fs);
  fs.IgnoreLocks();
  {
    auto first = Lander::Start(fs, kLake, OptionsFor(vfs));
    EXPECT_TRUE(first.ok());
    const int64_t before = fs.operations();
    fs.InterruptAt(before + at, [&] {
      auto second = Lander::Start(fs, kLake, OptionsFor(vfs));
      if (!second.ok()) return;  // the ledger is busy: the first lander is deciding
      const auto next = second->Next();
      if (next.ok() && next->value() == 0) outcome.second_landed = second->Land(Offset(0)).ok();
    });
    const auto landed = first->Land(Offset(0));
    outcome.operations = fs.operations() - before;
    if (!landed.ok()) outcome.first = landed.error();
    if (outcome.first && outcome.first->code() == ErrorCode::kConflict) {
      // As a lander does after a conflict: read the ledger again and continue from there.
      const auto next = first->Next();
      EXPECT_TRUE(next.ok() && first->Land(*next).ok());
    }
  }
  auto after = Lander::Start(fs, kLake, OptionsFor(vfs));
  EXPECT_TRUE(after.ok()) << after.error().message();
  if (after.ok()) {
    const auto next = after->Next();
    EXPECT_TRUE(next.ok());
    ExpectExact(after->opened, *next);
    EXPECT_GE(next->value(), 10);
  }
  return outcome;
}

TEST(CommitRace, ASecondLanderAtEveryOperationOfTheFirst) {
  const int64_t operations = Race(0).operations;
  ASSERT_GT(operations, 50);
  int first_won = 0, second_won = 0;
  for (int64_t at = 1; at <= operations; ++at) {
    SCOPED_TRACE("a second lander before operation " + std::to_string(at));
    const Outcome outcome = Race(at);
    if (outcome.first) {
      EXPECT_EQ(outcome.first->code(), ErrorCode::kConflict) << outcome.first->message();
      ++second_won;
    } else {
      ++first_won;
    }
    EXPECT_FALSE(outcome.second_landed && !outcome.first);  // never both
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(first_won, 10);
  EXPECT_GT(second_won, 10);
}

}  // namespace
}  // namespace forebay
