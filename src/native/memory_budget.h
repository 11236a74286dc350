// Accounts for the memory that the stages of a pipeline hold, and lets a stage wait until there is less.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>

namespace forebay {

enum class MemoryUse : uint8_t {
  kFilling,  // blocks that rows are appended to
  kQueued,   // chunks and blocks on their way to another stage
  kPooled,   // empty blocks kept for reuse
  kFiles,    // buffers of files being written
};

// Thread-safe. Must outlive its reservations.
class MemoryBudget {
 public:
  // Bytes that count against the budget while the object exists. Move-only; an empty one counts nothing. Not
  // thread-safe, but may be handed from thread to thread.
  class Reservation {
   public:
    Reservation() = default;
    Reservation(Reservation&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), use_(other.use_), bytes_(other.bytes_) {}
    Reservation& operator=(Reservation&& other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(use_, other.use_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Reservation() {
      if (budget_ != nullptr) budget_->Add(use_, -bytes_);
    }

    // Both REQUIRE: not empty.
    void Resize(int64_t bytes) {
      if (bytes == bytes_) [[likely]]
        return;
      budget_->Add(use_, bytes - std::exchange(bytes_, bytes));
    }
    void MoveTo(MemoryUse use) {
      budget_->by_use_[Index(use_)].fetch_sub(bytes_, std::memory_order_relaxed);
      use_ = use;
      budget_->by_use_[Index(use_)].fetch_add(bytes_, std::memory_order_relaxed);
    }

   private:
    friend class MemoryBudget;
    Reservation(MemoryBudget& budget, MemoryUse use, int64_t bytes)
        : budget_(&budget), use_(use), bytes_(bytes) {
      budget.Add(use, bytes);
    }

    MemoryBudget* budget_ = nullptr;
    MemoryUse use_ = MemoryUse::kQueued;
    int64_t bytes_ = 0;
  };

  explicit MemoryBudget(int64_t limit_bytes) : limit_(limit_bytes) {}

  // Never refuses: the stages keep to the limit by waiting, and by freeing what they hold.
  Reservation Reserve(MemoryUse use, int64_t bytes) { return {*this, use, bytes}; }

  int64_t limit() const { return limit_; }
  int64_t used() const { return used_.load(std::memory_order_relaxed); }
  int64_t used(MemoryUse use) const { return by_use_[Index(use)].load(std::memory_order_relaxed); }
  bool exceeded() const { return used() > limit_; }

  // Returns once the limit is kept, or once `done` returns true.
  template <typename Predicate>
  void WaitBelowLimit(Predicate&& done) {
    // Memory may be freed between the check and the wait, and `done` depends on more than this object, so
    // each wait is short.
    std::unique_lock lock(mutex_);
    while (exceeded() && !done()) freed_.wait_for(lock, std::chrono::milliseconds(5));
  }

 private:
  static size_t Index(MemoryUse use) { return static_cast<size_t>(use); }
  void Add(MemoryUse use, int64_t bytes) {
    by_use_[Index(use)].fetch_add(bytes, std::memory_order_relaxed);
    used_.fetch_add(bytes, std::memory_order_relaxed);
    if (bytes < 0) freed_.notify_all();
  }

  const int64_t limit_;
  std::atomic<int64_t> used_{0};  // the sum of by_use_
  std::array<std::atomic<int64_t>, 4> by_use_ = {};
  std::mutex mutex_;
  std::condition_variable freed_;
};

}  // namespace forebay
