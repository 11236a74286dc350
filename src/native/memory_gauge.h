// Counts the bytes that a stage holds, and lets another stage wait until it holds fewer.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace forebay {

// Thread-safe.
class MemoryGauge {
 public:
  void Add(int64_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }
  void Sub(int64_t bytes) {
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    less_.notify_all();
  }
  int64_t used() const { return used_.load(std::memory_order_relaxed); }

  // Returns when at most `limit` bytes are held, or when `give_up` returns true. Sub may run between the
  // check and the wait, so the wait is short.
  template <typename Predicate>
  void WaitBelow(int64_t limit, Predicate&& give_up) {
    std::unique_lock lock(mutex_);
    while (used() > limit && !give_up()) less_.wait_for(lock, std::chrono::milliseconds(5));
  }

 private:
  std::atomic<int64_t> used_{0};
  std::mutex mutex_;
  std::condition_variable less_;
};

}  // namespace forebay
