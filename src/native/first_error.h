// The error that ends a session.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>

#include "base/result.h"

namespace forebay {

// Keeps the first error of any thread. Thread-safe.
class FirstError {
 public:
  void Set(Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    is_set_.store(true);
  }
  bool is_set() const { return is_set_.load(std::memory_order_relaxed); }
  std::optional<Error> get() const {
    const std::lock_guard lock(mutex_);
    return error_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<Error> error_;
  std::atomic<bool> is_set_{false};
};

}  // namespace forebay
