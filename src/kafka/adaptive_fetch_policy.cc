#include "kafka/adaptive_fetch_policy.h"

#include <algorithm>

namespace forebay::kafka {

AdaptiveFetchPolicy::AdaptiveFetchPolicy(const Options& options)
    : options_(options),
      fetch_bytes_(options.fixed_fetch_size ? kMaxFetchBytes : kMinFetchBytes),
      poll_records_(std::min(kFirstPollRecords, options.max_poll_records)) {}

int64_t AdaptiveFetchPolicy::queue_bytes() const {
  return std::min(options_.queue_bytes, kQueuedFetches * fetch_bytes_);
}

int64_t AdaptiveFetchPolicy::queue_records(size_t partitions) const {
  constexpr int64_t kMin = 1'000;  // enough not to wait for the broker between polls
  constexpr int64_t kMax = 1'000'000;
  const auto sharing = static_cast<int64_t>(std::max<size_t>(partitions, 1));
  return std::clamp(6 * options_.queue_bytes / kRecordOverhead / sharing, kMin, kMax);
}

bool AdaptiveFetchPolicy::Observe(const FetchSample& sample) {
  if (sample.records == 0) return false;  // answers without records carry no information
  const int64_t unpacked = sample.record_bytes + sample.records * kRecordOverhead;
  poll_records_ =
      std::clamp<size_t>(static_cast<size_t>(options_.queue_bytes / 4 / (unpacked / sample.records)), 1,
                         options_.max_poll_records);
  packed_ += sample.packed_bytes;
  unpacked_ += unpacked;
  return !options_.fixed_fetch_size && Reconsider();
}

bool AdaptiveFetchPolicy::Reconsider() {
  const int64_t target = 2 * options_.queue_bytes;  // unpacked bytes of a fetch
  const bool ample = unpacked_ >= kTargetsPerSample * target;
  if (!ample && (cautious_ || packed_ < kFetchesPerSample * fetch_bytes_)) return false;
  const double ratio = static_cast<double>(std::max<int64_t>(unpacked_, 1)) /
                       static_cast<double>(std::max<int64_t>(packed_, 1));
  packed_ = unpacked_ = 0;
  const double fitting = std::clamp(static_cast<double>(target) / ratio, static_cast<double>(kMinFetchBytes),
                                    static_cast<double>(kMaxFetchBytes));
  const auto next = std::min(static_cast<int64_t>(fitting), fetch_bytes_ * kMaxGrowth);
  if (next > fetch_bytes_ / kMinChange && next < fetch_bytes_ * kMinChange) return false;
  cautious_ = cautious_ || next < fetch_bytes_;
  fetch_bytes_ = next;
  return true;
}

}  // namespace forebay::kafka
