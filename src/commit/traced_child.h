// A forked child process that stops before its system calls. Tests use it to end the process, or to fail the
// disk below it, between any two of them.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <functional>

#include "base/assert.h"

namespace forebay {

// REQUIRES: the test has no other thread and no open ledger when it creates one; `body` starts no thread. The
// child dies with this object and with the test.
class TracedChild {
 public:
  // Runs `body` in the child. Its return value is the child's exit status.
  explicit TracedChild(const std::function<int()>& body) {
    pid_ = ::fork();
    FOREBAY_ASSERT(pid_ >= 0);  // kill(-1) would end every process
    if (pid_ == 0) {
      ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
      ::raise(SIGSTOP);
      ::_exit(body());
    }
    Wait();
    EXPECT_TRUE(WIFSTOPPED(status_));
    EXPECT_EQ(::ptrace(PTRACE_SETOPTIONS, pid_, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL), 0);
  }
  TracedChild(const TracedChild&) = delete;
  TracedChild& operator=(const TracedChild&) = delete;
  ~TracedChild() { Kill(); }

  // Runs the child until just before its `number`-th system call from here. RunToChangingCall counts only
  // calls that may change the contents of a disk. Returns false if the child ended first.
  bool RunToSystemCall(int64_t number) {
    return RunTo(number, [](uint64_t) { return true; });
  }
  bool RunToChangingCall(int64_t number) { return RunTo(number, MayChangeADisk); }
  // Runs the child until just before its next system call with this number.
  bool RunToCall(uint64_t call) {
    return RunTo(1, [call](uint64_t made) { return made == call; });
  }
  void RunToEnd() {
    while (!has_ended_) {
      ::ptrace(PTRACE_CONT, pid_, nullptr, nullptr);
      Wait();
    }
  }

  // Sends SIGKILL. The system call at which the child is stopped is not made.
  void Kill() {
    if (has_ended_) return;
    ::kill(pid_, SIGKILL);
    while (!has_ended_) Wait();
  }

  // -1 unless the child exited by itself.
  int exit_status() const { return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1; }

 private:
  static bool MayChangeADisk(uint64_t call) {
    switch (call) {
      case SYS_openat:  // may create the file
      case SYS_open:
      case SYS_mkdir:
      case SYS_write:
      case SYS_pwrite64:
      case SYS_ftruncate:
      case SYS_fsync:
      case SYS_fdatasync:
      case SYS_rename:
      case SYS_renameat2:
      case SYS_unlink:
        return true;
      default:
        return false;
    }
  }

  template <typename Counts>
  bool RunTo(int64_t number, Counts counts) {
    while (number > 0) {
      ::ptrace(PTRACE_SYSCALL, pid_, nullptr, nullptr);
      Wait();
      if (!WIFSTOPPED(status_)) return false;
      if (WSTOPSIG(status_) != (SIGTRAP | 0x80)) continue;
      __ptrace_syscall_info info{};
      ::ptrace(PTRACE_GET_SYSCALL_INFO, pid_, sizeof(info), &info);
      if (info.op == PTRACE_SYSCALL_INFO_ENTRY && counts(info.entry.nr)) --number;
    }
    return true;
  }

  void Wait() {
    if (::waitpid(pid_, &status_, __WALL) != pid_ || !WIFSTOPPED(status_)) has_ended_ = true;
  }

  pid_t pid_ = -1;
  int status_ = 0;
  bool has_ended_ = false;
};

}  // namespace forebay
