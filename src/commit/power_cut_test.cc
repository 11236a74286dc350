// Simulated power cuts on a real ext4. The test mounts an image file, shuts the filesystem down before each
// system call of a landing that may change something (NIGHT=1: before every call), and mounts it again. Needs
// root and a loop device. Long: only in a build with test hooks.
#ifdef FOREBAY_TEST_HOOKS

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

#include "commit/commit_fixture.h"
#include "commit/crash_effort.h"
#include "commit/traced_child.h"

namespace forebay {
namespace {

constexpr int64_t kBatches = 2;
// EXT4_IOC_SHUTDOWN and its flags, which the kernel's public headers do not define.
constexpr unsigned long kShutdown = _IOR('X', 125, uint32_t);
enum class PowerCut : uint32_t {
  kJournalWritten = 1,  // the in-memory journal is written first; unsynced data is lost
  kNothingWritten = 2,  // nothing more reaches the disk
};

int Shell(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str());
}

class PowerCutTest : public testing::Test {
 protected:
  // Mounts are private to this process: the kernel removes them when it ends, however it ends.
  void SetUp() override {
    scratch_ = testing::TempDir() + "forebay_power_cut." + std::to_string(::getpid());
    std::filesystem::create_directory(scratch_);
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", scratch_.c_str(), "tmpfs", 0, "size=96M") != 0) {
      GTEST_SKIP() << "mounting a disk needs root";
    }
    std::filesystem::create_directory(Disk());
    if (Shell("command -v mkfs.ext4") != 0) GTEST_SKIP() << "there is no mkfs.ext4";
    ASSERT_EQ(Shell("truncate -s 16M " + Fresh() + " && mkfs.ext4 -q -F " + Fresh()), 0);
    NewDisk();
    if (!Mount()) GTEST_SKIP() << "an image file cannot be mounted here: is there a free loop device?";
    if (!CutPower(PowerCut::kNothingWritten)) GTEST_SKIP() << "this kernel cannot shut an ext4 down";
    Unmount();
  }
  ~PowerCutTest() override {
    Unmount();
    ::umount2(scratch_.c_str(), 0);
    std::filesystem::remove_all(scratch_);
  }

  std::string Fresh() const { return scratch_ + "/fresh.img"; }
  std::string Image() const { return scratch_ + "/disk.img"; }
  std::string Disk() const { return scratch_ + "/disk"; }
  std::string Lake() const { return Disk() + "/lake"; }
  std::string Acknowledged() const { return scratch_ + "/acknowledged"; }

  void NewDisk() {
    std::filesystem::copy_file(Fresh(), Image(), std::filesystem::copy_options::overwrite_existing);
  }
  bool Mount() {
    is_mounted_ = Shell("mount -o loop,commit=300 " + Image() + " " + Disk()) == 0;
    return is_mounted_;
  }
  void Unmount() {
    // Unmounting also frees the loop device.
    if (!std::exchange(is_mounted_, false)) return;
    EXPECT_EQ(::umount2(Disk().c_str(), 0), 0);
  }
  bool CutPower(PowerCut how) const {
    const int fd = ::open(Disk().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    uint32_t flags = static_cast<uint32_t>(how);
    const bool is_cut = ::ioctl(fd, kShutdown, &flags) == 0;
    ::close(fd);
    return is_cut;
  }

  // Lands all batches, and records each acknowledged commit on another disk.
  int Land() const {
    auto lander = Lander::Start(PosixFs(), Lake(), {});
    if (!lander.ok()) return 1;
    const int log = ::open(Acknowledged().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    for (int64_t from = 0; from < 10 * kBatches; from += 10) {
      if (!lander->Land(Offset(from)).ok() || ::write(log, "x", 1) != 1) return 1;
    }
    ::close(log);
    return 0;
  }

  void ExpectNothingLost() {
    const int64_t acknowledged = std::filesystem::exists(Acknowledged())
                                     ? 10 * static_cast<int64_t>(std::filesystem::file_size(Acknowledged()))
                                     : 0;
    auto lander = Lander::Start(PosixFs(), Lake(), {});
    ASSERT_TRUE(lander.ok()) << lander.error().message();
    const auto next = lander->Next();
    ASSERT_TRUE(next.ok());
    EXPECT_GE(next->value(), acknowledged);
    ExpectExact(lander->opened, *next);
    for (int64_t from = next->value(); from < 10 * kBatches; from += 10)
      ASSERT_TRUE(lander->Land(Offset(from)).ok());
    ExpectExact(lander->opened, Offset(10 * kBatches));
  }

  // Cuts the power before the `at`-th system call of a landing on a new disk. Returns false if the landing
  // ended first.
  bool CutAt(int64_t at, PowerCut how) {
    std::filesystem::remove(Acknowledged());
    NewDisk();
    EXPECT_TRUE(Mount());
    {
      TracedChild child([&] { return Land(); });
      if (!(IsNight() ? child.RunToSystemCall(at) : child.RunToChangingCall(at))) {
        EXPECT_EQ(child.exit_status(), 0);
        return false;
      }
      EXPECT_TRUE(CutPower(how));
    }
    Unmount();
    EXPECT_TRUE(Mount());
    return true;
  }

  void CutAtEverySystemCall(PowerCut how, const std::string& name, int64_t step) {
    int64_t at = FirstOfSample(step), cuts = 0;
    for (; !HasFailure(); at += step, ++cuts) {
      SCOPED_TRACE(name + ": the power cut before system call " + std::to_string(at));
      const bool is_cut = CutAt(at, how);
      if (is_cut) ExpectNothingLost();
      Unmount();
      if (!is_cut) break;
    }
    std::cout << "  " << cuts << " power cuts on ext4 (" << name << ") in a landing of " << at - 1
              << (IsNight() ? " system calls" : " system calls that may change something") << std::endl;
    EXPECT_GT(cuts, 150 / step - 1);
  }

 private:
  std::string scratch_;
  bool is_mounted_ = false;
};

TEST_F(PowerCutTest, NothingWrittenAtEverySystemCall) {
  CutAtEverySystemCall(PowerCut::kNothingWritten, "nothing more written", 1);
}

TEST_F(PowerCutTest, OnlyTheJournalWritten) {
  CutAtEverySystemCall(PowerCut::kJournalWritten, "only the journal written", IsNight() ? 1 : 3);
}

}  // namespace
}  // namespace forebay

#endif  // FOREBAY_TEST_HOOKS
