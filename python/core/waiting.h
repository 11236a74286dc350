// Calls that release the GIL. Those that may wait long also run Python's signal handlers, so that Ctrl-C ends
// them, and forward the core's log meanwhile.
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>

#include "base/result.h"
#include "errors.h"

namespace forebay::python {

// From now on the core's log lines go to Python's `logging`, logger "forebay". They are forwarded during
// calls of RunWaiting.
void CaptureLog();

// Runs `work` on another thread, and Python's signal handlers meanwhile on this one. If a handler raises,
// `stop` is set, and the exception is raised after `work` has returned. REQUIRES: the GIL, which is released
// while waiting.
void RunWaiting(std::atomic<bool>& stop, const std::function<void()>& work);

// Returns the result of `work`, run as above.
template <typename Function>
auto Await(std::atomic<bool>& stop, Function&& work) {
  std::optional<decltype(work())> result;
  RunWaiting(stop, [&] { result.emplace(work()); });
  return *std::move(result);
}

// Returns the result of `work`, run on this thread without the GIL. REQUIRES: the GIL.
template <typename Function>
auto WithoutGil(Function&& work) {
  const nanobind::gil_scoped_release unlocked;
  return work();
}

// Guards an object that one thread may use at a time: a concurrent call raises an error.
class ExclusiveUse {
 public:
  explicit ExclusiveUse(std::mutex& mutex) : lock_(mutex, std::try_to_lock) {
    if (!lock_.owns_lock())
      Raise(InvalidArgumentError("object in use by another thread; create one object per thread"));
  }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace forebay::python
