// kill -9 of a real process before every system call that it makes: in a landing, and in the recovery after
// one. On a real filesystem, with SQLite's own system calls. Long: only in a build with test hooks.
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
  // A killed process leaves all that it wrote to the kernel: a filesystem in memory shows the same, faster.
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

  // Kills it before its `at`-th system call, or the one of that number that may change something. False: it
  // had ended by then, as it should.
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

// The product with the points of a recovery is crash_product_test.cc's; this is a part of it with real kills:
// all of it at night.
TEST_F(SystemCallKill, AtEveryOneThatChangesSomethingOfARecovery) {
  const int64_t step = IsNight() ? 1 : 12;
  int64_t kills = 0, landings = 0;
  for (int64_t at = 1; !HasFailure(); at += step, ++landings) {
    SCOPED_TRACE("killed before call " + std::to_string(at) + " of the landing that changes something");
    RemoveLake();
    if (!KilledAt(
            at, [&] { return Land(); }, true))
      break;
    std::filesystem::create_directory(Lake());  // it may have been killed before it made it
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
