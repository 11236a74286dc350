// A forked child that is stopped before its system calls: for tests that end a process, or something below
// it, between any two of them.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <functional>

namespace forebay {

// REQUIRES: the test has no thread and no ledger open when it starts one; `body` starts no thread. The child
// dies with this object, and with the test.
class TracedChild {
 public:
  // `body` runs in the child, and what it returns is the child's exit status.
  explicit TracedChild(const std::function<int()>& body) {
    pid_ = ::fork();
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

  // Lets it run up to its `number`-th system call from here, which it does not make. False: it ended before.
  bool RunToSystemCall(int64_t number) {
    while (number > 0) {
      ::ptrace(PTRACE_SYSCALL, pid_, nullptr, nullptr);
      Wait();
      if (!WIFSTOPPED(status_)) return false;
      if (WSTOPSIG(status_) == (SIGTRAP | 0x80) && IsAtEntry()) --number;
    }
    return true;
  }

  // SIGKILL: the call that it was stopped before is not made.
  void Kill() {
    if (has_ended_) return;
    ::kill(pid_, SIGKILL);
    while (!has_ended_) Wait();
  }

  // Of a child that ended by itself.
  int exit_status() const { return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1; }

 private:
  void Wait() {
    if (::waitpid(pid_, &status_, __WALL) != pid_ || !WIFSTOPPED(status_)) has_ended_ = true;
  }

  bool IsAtEntry() const {
    __ptrace_syscall_info info{};
    ::ptrace(PTRACE_GET_SYSCALL_INFO, pid_, sizeof(info), &info);
    return info.op == PTRACE_SYSCALL_INFO_ENTRY;
  }

  pid_t pid_ = -1;
  int status_ = 0;
  bool has_ended_ = false;
};

}  // namespace forebay
