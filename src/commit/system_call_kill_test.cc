// kill -9 of a real process before every system call that it makes, both in a landing and in the recovery
// after one. Runs on a real filesystem, with SQLite's own system calls. Long: only in a build with test
// hooks.
#ifdef FOREBAY_TEST_HOOKS

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>

#include "commit/commit_fixture.h"
#include "commit/crash_effort.h"
#include "commit/traced_child.h"

namespace forebay {
namespace {

constexpr int64_t kBatches = 1;

class SystemCallKill : public testing::Test {
 protected:
  // A process that is killed leaves all its writes with the kernel. An in-memory filesystem therefore gives
  // the same results, faster.
  SystemCallKill()
      : scratch_((std::filesystem::exists("/dev/shm") ? "/dev/shm" : testing::TempDir()) +
                 ("/forebay_system_call." + std::to_string(::getpid()))) {
    std::filesystem::remove_all(scratch_);
    std::filesystem::create_directory(scratch_);
  }
  ~SystemCallKill() override { std::filesystem::remove_all(scratch_); }

  std::string Lake() const { return scratch_ + "/lake"; }
  std::string Kept() const { return scratch_ + "/kept"; }

  static Status LandTheRest(Lander& lander) {
    while (true) {
      FOREBAY_ASSIGN(const Offset next, lander.Next());
      if (next.value() >= 10 * kBatches) return Ok();
      FOREBAY_TRY(lander.Land(next));
    }
  }

  int Land() const {
    auto lander = Lander::Start(PosixFs(), Lake(), {});
    return lander.ok() && LandTheRest(*lander).ok() ? 0 : 1;
  }
  int Recover() const { return Lander::Start(PosixFs(), Lake(), {}).ok() ? 0 : 1; }

  // Kills the child before its `at`-th system call or, with `changing`, before the `at`-th one that may
  // change something. Returns false if the child ended first, successfully.
  static bool KilledAt(int64_t at, const std::function<int()>& body, bool changing = false) {
    TracedChild child(body);
    if (changing ? child.RunToChangingCall(at) : child.RunToSystemCall(at)) return true;
    EXPECT_EQ(child.exit_status(), 0);
    return false;
  }

  void ExpectRecovers() {
    auto lander = Lander::Start(PosixFs(), Lake(), {});
    ASSERT_TRUE(lander.ok()) << lander.error().message();
    ExpectExact(lander->opened, *lander->Next());
    const Status status = LandTheRest(*lander);
    ASSERT_TRUE(status.ok()) << status.error().message();
    ExpectExact(lander->opened, Offset(10 * kBatches));
  }

  void Keep() {
    std::filesystem::remove_all(Kept());
    std::filesystem::rename(Lake(), Kept());
  }
  void TakeKept() {
    std::filesystem::remove_all(Lake());
    std::filesystem::copy(Kept(), Lake(), std::filesystem::copy_options::recursive);
  }
  void RemoveLake() { std::filesystem::remove_all(Lake()); }

  const std::string scratch_;
};

TEST_F(SystemCallKill, AtEveryOneOfALanding) {
  int64_t at = 1;
  for (; !HasFailure(); ++at) {
    SCOPED_TRACE("killed before system call " + std::to_string(at));
    RemoveLake();
    if (!KilledAt(at, [&] { return Land(); })) break;
    ExpectRecovers();
  }
  std::cout << "  killed before each of the " << at - 1 << " system calls of a landing" << std::endl;
  EXPECT_GT(at, 300);
}

// crash_product_test.cc combines every point of a landing with every point of a recovery. This test repeats a
// part of that product with real kills; at night, all of it.
TEST_F(SystemCallKill, AtEveryOneThatChangesSomethingOfARecovery) {
  const int64_t step = IsNight() ? 1 : 12;
  int64_t kills = 0, landings = 0;
  for (int64_t at = FirstOfSample(step); !HasFailure(); at += step, ++landings) {
    SCOPED_TRACE("killed before call " + std::to_string(at) + " of the landing that changes something");
    RemoveLake();
    if (!KilledAt(
            at, [&] { return Land(); }, true))
      break;
    std::filesystem::create_directory(Lake());  // the child may have been killed before it created the lake
    Keep();
    for (int64_t then = 1; !HasFailure(); ++then) {
      SCOPED_TRACE("and before such a call, " + std::to_string(then) + ", of the recovery");
      TakeKept();
      if (!KilledAt(
              then, [&] { return Recover(); }, true))
        break;
      ExpectRecovers();
      ++kills;
    }
  }
  std::cout << "  after " << landings
            << " kills of a landing, killed at each change that the recovery makes: " << kills << " pairs"
            << std::endl;
  EXPECT_GT(kills, 500);
}

}  // namespace
}  // namespace forebay

#endif  // FOREBAY_TEST_HOOKS
