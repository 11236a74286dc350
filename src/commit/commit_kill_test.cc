// kill -9 at every failpoint of a real process on a real filesystem, followed by recovery. Needs a build with
// test hooks.
#ifdef FOREBAY_TEST_HOOKS

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "commit/commit_fixture.h"

namespace forebay {
namespace {

constexpr int64_t kBatches = 3;

Status LandAll(const std::string& dir, bool through_conflicts) {
  while (true) {
    OpenLakeOptions options;
    FOREBAY_ASSIGN(Lander lander, Lander::Start(PosixFs(), dir, options));
    while (true) {
      FOREBAY_ASSIGN(const Offset next, lander.Next());
      if (next.value() >= 10 * kBatches) return Ok();
      const auto landed = lander.Land(next);
      if (landed.ok()) continue;
      if (!through_conflicts || landed.error().code() != ErrorCode::kConflict) return landed.error();
    }
  }
}

// Body of the child processes that the tests below start.
TEST(CommitKillChild, LandsAll) {
  const char* dir = std::getenv("FOREBAY_TEST_LAKE");
  if (dir == nullptr) GTEST_SKIP() << "run by the tests of CommitKill";
  const Status status = LandAll(dir, true);
  ASSERT_TRUE(status.ok()) << status.error().message();
}

pid_t Spawn(const std::string& dir, const std::vector<std::string>& variables) {
  std::string program = std::filesystem::read_symlink("/proc/self/exe");
  std::string filter = "--gtest_filter=CommitKillChild.LandsAll";
  std::vector<std::string> environment = {"FOREBAY_TEST_LAKE=" + dir};
  environment.insert(environment.end(), variables.begin(), variables.end());
  std::vector<char*> pointers;
  for (std::string& variable : environment) pointers.push_back(variable.data());
  pointers.push_back(nullptr);
  char* arguments[] = {program.data(), filter.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  EXPECT_EQ(::posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments, pointers.data()), 0);
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

int Wait(pid_t pid) {
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return status;
}

// A process that is killed leaves all its writes with the kernel. An in-memory filesystem therefore gives the
// same results, faster.
std::string NewDir(const std::string& name) {
  const std::string parent = std::filesystem::exists("/dev/shm") ? "/dev/shm" : testing::TempDir();
  const std::string dir = parent + "/forebay_" + name + "." + std::to_string(::getpid());
  std::filesystem::remove_all(dir);
  return dir;
}

void ExpectAllLanded(const std::string& dir) {
  auto lander = Lander::Start(PosixFs(), dir, {});
  ASSERT_TRUE(lander.ok()) << lander.error().message();
  ExpectExact(lander->opened, Offset(10 * kBatches));
}

TEST(CommitKill, AtEveryFailpoint) {
  int kills = 0;
  for (int pass = 1;; ++pass) {
    SCOPED_TRACE("killed at pass " + std::to_string(pass) + " over a failpoint");
    const std::string dir = NewDir("commit_kill");
    const int status = Wait(Spawn(dir, {"FOREBAY_FAILPOINT=any:" + std::to_string(pass)}));
    if (!WIFSIGNALED(status)) {
      EXPECT_EQ(WEXITSTATUS(status), 0);
      std::filesystem::remove_all(dir);
      break;
    }
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
    ++kills;
    {
      auto lander = Lander::Start(PosixFs(), dir, {});
      ASSERT_TRUE(lander.ok()) << lander.error().message();
      ExpectExact(lander->opened, *lander->Next());
    }
    // Kill it repeatedly while it recovers and lands the remaining batches, until one run completes.
    for (int again = 1; again < 20; ++again) {
      if (!WIFSIGNALED(Wait(Spawn(dir, {"FOREBAY_FAILPOINT=any:" + std::to_string(again * 3)})))) break;
    }
    ASSERT_EQ(Wait(Spawn(dir, {})), 0);
    ExpectAllLanded(dir);
    std::filesystem::remove_all(dir);
    if (HasFailure()) return;
  }
  EXPECT_GT(kills, 40);
}

TEST(CommitKill, ManyLandersWithoutALock) {
  for (int round = 0; round < 10; ++round) {
    const std::string dir = NewDir("commit_many");
    ASSERT_TRUE(Lander::Start(PosixFs(), dir, {}).ok());
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) children.push_back(Spawn(dir, {"FOREBAY_TEST_NO_LOCK=1"}));
    for (const pid_t child : children) EXPECT_EQ(Wait(child), 0);
    ExpectAllLanded(dir);
    std::filesystem::remove_all(dir);
  }
}

TEST(CommitKill, WithTheLockTheSecondOneExits) {
  const std::string dir = NewDir("commit_lock");
  auto lander = Lander::Start(PosixFs(), dir, {});
  ASSERT_TRUE(lander.ok());
  const auto second = Lander::Start(PosixFs(), dir, {});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), ErrorCode::kLockHeld);
  EXPECT_NE(Wait(Spawn(dir, {})), 0);
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace forebay

#endif  // FOREBAY_TEST_HOOKS
