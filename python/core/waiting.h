// Calls that may wait long: they release the GIL, Ctrl-C ends them, and the core's log is forwarded
// meanwhile.
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <functional>
#include <mutex>

#include "base/result.h"
#include "errors.h"

namespace forebay::python {

// Sends the core's log to Python's `logging`, logger "forebay", from now on. Lines are forwarded while a
// waiting call runs, and by HandOverLog.
void CaptureLog();
// REQUIRES: the GIL.
void HandOverLog();

// Runs `work` on its own thread and Python's signal handlers meanwhile. If a handler raises, `stop` is set,
// and the exception is raised after `work` has returned. REQUIRES: the GIL, which is released while waiting.
void RunWaiting(std::atomic<bool>& stop, const std::function<void()>& work);

// Returns the result of `work`, run as above.
template <typename Function>
auto Await(std::atomic<bool>& stop, Function&& work) {
  std::optional<decltype(work())> result;
  RunWaiting(stop, [&] { result.emplace(work()); });
  return *std::move(result);
}

// For objects that one thread may use at a time: a concurrent second call raises an error instead of being a
// race.
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
