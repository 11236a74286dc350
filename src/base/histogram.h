// A histogram of durations in fixed buckets, in the form that Prometheus expects.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace forebay {

// Thread-safe and lock-free. A reader may see a duration that is already in the buckets but not yet in the
// sum.
class DurationHistogram {
 public:
  // Upper bounds in seconds, from a small batch on a fast disk to a disk that hardly responds.
  static constexpr std::array<double, 12> kBounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                     0.5,   1,    2.5,   5,    10,  30};

  void Observe(double seconds) {
    size_t bucket = 0;
    while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
    buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_us_.fetch_add(static_cast<int64_t>(seconds * 1e6), std::memory_order_relaxed);
  }

  struct Counts {
    std::array<uint64_t, kBounds.size() + 1> buckets = {};  // not cumulative; the last has no upper bound
    double sum_seconds = 0;
  };
  Counts counts() const {
    Counts counts;
    for (size_t i = 0; i < buckets_.size(); ++i)
      counts.buckets[i] = buckets_[i].load(std::memory_order_relaxed);
    counts.sum_seconds = static_cast<double>(sum_us_.load(std::memory_order_relaxed)) / 1e6;
    return counts;
  }

 private:
  std::array<std::atomic<uint64_t>, kBounds.size() + 1> buckets_ = {};
  std::atomic<int64_t> sum_us_{0};
};

}  // namespace forebay
