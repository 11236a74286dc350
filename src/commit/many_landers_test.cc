// Several real processes on one lake. One is stopped (SIGSTOP) at each point of the protocol while the others
// work, and is then continued or killed. Runs with and without the lock. Long: only in a build with test
// hooks.
#ifdef FOREBAY_TEST_HOOKS

#include <gtest/gtest.h>
#include <sys/file.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "commit/commit_fixture.h"
#include "commit/crash_effort.h"
#include "commit/traced_child.h"

namespace forebay {
namespace {

constexpr int64_t kBatches = 2;
// Exit statuses of a lander's process.
constexpr int kAllLanded = 0, kFailed = 1, kLockHeld = 4, kBusy = 5;

enum class Locking { kOn, kOff };

class ManyLanders : public testing::TestWithParam<Locking> {
 protected:
  ManyLanders()
      : dir_((std::filesystem::exists("/dev/shm") ? "/dev/shm" : testing::TempDir()) +
             ("/forebay_many." + std::to_string(::getpid()))) {
    RemoveLake();
  }
  ~ManyLanders() override { RemoveLake(); }
  void RemoveLake() { std::filesystem::remove_all(dir_); }

  // Runs a lander in a child process. It ends soon with kBusy if a stopped lander keeps the ledger busy.
  int Land() const {
    if (GetParam() == Locking::kOff) ::setenv("FOREBAY_TEST_NO_LOCK", "1", 1);
    OpenLakeOptions options;
    options.ledger.busy_timeout_ms = 20;
    for (int session = 0; session < 50; ++session) {
      auto lander = Lander::Start(PosixFs(), dir_, options);
      Status ended = lander.ok() ? LandTheRest(*lander) : Status(lander.error());
      if (ended.ok()) return kAllLanded;
      if (ended.error().code() == ErrorCode::kLockHeld) return kLockHeld;
      const std::string& why = ended.error().message();
      if (why.find("busy") != std::string::npos) return kBusy;
      if (ended.error().code() == ErrorCode::kConflict ||
          why.find("at the same time; start again") != std::string::npos)
        continue;
      std::cerr << why << std::endl;
      return kFailed;
    }
    return kFailed;
  }

  static Status LandTheRest(Lander& lander) {
    while (true) {
      FOREBAY_ASSIGN(const Offset next, lander.Next());
      if (next.value() >= 10 * kBatches) return Ok();
      FOREBAY_TRY(lander.Land(next));
    }
  }

  std::unique_ptr<TracedChild> StartOne() const {
    return std::make_unique<TracedChild>([this] { return Land(); });
  }

  // Runs the child to its end and checks its exit status.
  void ExpectEnds(TracedChild& child, bool may_be_shut_out) {
    child.RunToEnd();
    const int status = child.exit_status();
    const bool is_shut_out = status == kLockHeld || status == kBusy;
    EXPECT_TRUE(status == kAllLanded || (may_be_shut_out && is_shut_out)) << "exit status " << status;
    EXPECT_TRUE(GetParam() == Locking::kOn || status != kLockHeld);
    shut_out_ += is_shut_out;
    worked_ += !is_shut_out;
  }

  // A lander that starts after all others have ended finds the lake exact.
  void ExpectExactInTheEnd() {
    auto lander = Lander::Start(PosixFs(), dir_, {});
    ASSERT_TRUE(lander.ok()) << lander.error().message();
    ExpectExact(lander->opened, *lander->Next());
    ASSERT_TRUE(LandTheRest(*lander).ok());
    ExpectExact(lander->opened, Offset(10 * kBatches));
  }

  // Stops one lander before each of its system calls that may change something, while `others` further
  // landers run one after the other. Then the stopped lander is continued or killed.
  void StopOneAtEveryPoint(int others, int64_t step) {
    int64_t points = 0;
    for (int64_t at = FirstOfSample(step); !HasFailure(); at += step) {
      for (const bool goes_on : {true, false}) {
        SCOPED_TRACE("stopped before call " + std::to_string(at) + (goes_on ? ", goes on" : ", is killed"));
        RemoveLake();
        const auto first = StartOne();
        if (!first->RunToChangingCall(at)) {
          std::cout << "  one of " << others + 1 << " landers stopped at " << points << " points: " << worked_
                    << " times another one landed in between, " << shut_out_ << " times it was locked out"
                    << std::endl;
          return;
        }
        for (int i = 0; i < others; ++i) ExpectEnds(*StartOne(), true);
        if (goes_on) {
          ExpectEnds(*first, true);
        } else {
          first->Kill();
        }
        ExpectExactInTheEnd();
        ++points;
      }
    }
  }

  // Runs all landers concurrently in an order determined by the seed. Each runs for a few calls, pauses, or
  // is killed and restarted.
  void RunInAnyOrder(int landers, uint64_t seed) {
    std::mt19937_64 random(seed);
    RemoveLake();
    std::vector<std::unique_ptr<TracedChild>> running;
    for (int i = 0; i < landers; ++i) running.push_back(StartOne());
    for (int turn = 0; turn < 40 && !running.empty(); ++turn) {
      const size_t i = random() % running.size();
      if (random() % 8 == 0) {
        running[i]->Kill();
        running[i] = StartOne();
      } else if (!running[i]->RunToChangingCall(1 + static_cast<int64_t>(random() % 60))) {
        EXPECT_NE(running[i]->exit_status(), kFailed);
        running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    for (const auto& child : running) ExpectEnds(*child, true);
    running.clear();
    ExpectExactInTheEnd();
  }

  const std::string dir_;
  int64_t worked_ = 0;
  int64_t shut_out_ = 0;
};

TEST_P(ManyLanders, OneOfTwoStandsStillAtEveryPoint) {
  StopOneAtEveryPoint(1, IsNight() ? 1 : 2);
}

TEST_P(ManyLanders, OneOfFiveStandsStill) {
  StopOneAtEveryPoint(4, IsNight() ? 1 : 9);
}

TEST_P(ManyLanders, FiveInAnyOrder) {
  const int64_t first = NumberFromEnvironment("SEED", 1);
  const int64_t orders = NumberFromEnvironment("ORDERS", IsNight() ? 5000 : 60);
  for (int64_t seed = first; seed < first + orders && !HasFailure(); ++seed) {
    SCOPED_TRACE("SEED=" + std::to_string(seed) + " ORDERS=1 repeats it");
    RunInAnyOrder(2 + static_cast<int>(seed % 4), static_cast<uint64_t>(seed));
  }
  std::cout << "  " << orders << " orders of two to five landers" << std::endl;
}

INSTANTIATE_TEST_SUITE_P(Locking, ManyLanders, testing::Values(Locking::kOn, Locking::kOff),
                         [](const auto& info) {
                           return info.param == Locking::kOn ? "TheLockOn" : "TheLockOff";
                         });

// The lock file is removed after a process opens it and before the process locks it. The process must then
// hold a lock that others see.
TEST(LockFile, ALockIsHeldOnAFileThatHasItsName) {
  const std::string path = testing::TempDir() + "/forebay_lock." + std::to_string(::getpid());
  TracedChild child([&] {
    const auto lock = PosixFs().TryLock(path);
    if (!lock.ok() || *lock == nullptr) return 2;
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    return fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) != 0 ? 0 : 1;
  });
  ASSERT_TRUE(child.RunToCall(SYS_flock));
  ASSERT_TRUE(std::filesystem::remove(path));
  child.RunToEnd();
  EXPECT_EQ(child.exit_status(), 0);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace forebay

#endif  // FOREBAY_TEST_HOOKS
