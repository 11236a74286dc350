#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace forebay {

Status ParallelFor(int threads, size_t count, const std::function<Status(size_t)>& work) {
  const size_t wanted =
      threads > 0 ? static_cast<size_t>(threads) : std::max(1u, std::thread::hardware_concurrency());
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::optional<Error> first_error;
  const auto run = [&] {
    while (!failed.load()) {
      const size_t i = next.fetch_add(1);
      if (i >= count) return;
      const Status status = work(i);
      if (status.ok()) continue;
      const std::lock_guard lock(mutex);
      if (!first_error) first_error = status.error();
      failed.store(true);
    }
  };
  std::vector<std::thread> others;
  for (size_t i = 1; i < std::min(wanted, count); ++i) others.emplace_back(run);
  run();
  for (std::thread& other : others) other.join();
  if (first_error) return *first_error;
  return Ok();
}

}  // namespace forebay
