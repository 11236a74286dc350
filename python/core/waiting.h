// Calls that may wait long: without the GIL, and yet Ctrl-C ends them and what the core logs is heard.
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <functional>
#include <mutex>

#include "base/result.h"
#include "errors.h"

namespace forebay::python {

// Sends the core's log to Python's `logging`, logger "forebay", from now on. Lines are handed over while a
// waiting call runs, and by HandOverLog.
void CaptureLog();
// REQUIRES: the GIL.
void HandOverLog();

// Runs `work` on a thread of its own. Python's signal handlers run meanwhile; when one raises, `stop` is set,
// and the exception is raised once `work` has returned. REQUIRES: the GIL, which is released while waiting.
void RunWaiting(std::atomic<bool>& stop, const std::function<void()>& work);

// The result of `work`, run as above.
template <typename Function>
auto Await(std::atomic<bool>& stop, Function&& work) {
  std::optional<decltype(work())> result;
  RunWaiting(stop, [&] { result.emplace(work()); });
  return *std::move(result);
}

// For objects that are one thread's at a time: a second call beside the first is a diagnostic that is said,
// where it would be a race.
class ExclusiveUse {
 public:
  explicit ExclusiveUse(std::mutex& mutex) : lock_(mutex, std::try_to_lock) {
    if (!lock_.owns_lock())
      Raise(InvalidArgumentError("this object is at work for another thread; each thread needs its own"));
  }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace forebay::python
