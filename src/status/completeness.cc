#include "status/completeness.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time.h"

namespace forebay {
namespace {

// The first batch after which the partition's greatest event time is at least `instant_us`.
std::optional<BatchId> ReachedBy(const PartitionAdvance& partition, int64_t instant_us) {
  const auto reached =
      std::lower_bound(partition.max_event_us.begin(), partition.max_event_us.end(), instant_us,
                       [](const auto& step, int64_t instant) { return step.second < instant; });
  if (reached == partition.max_event_us.end()) return std::nullopt;
  return reached->first;
}

bool IsIdle(const PartitionAdvance& partition, int64_t past_us, const CompletenessOptions& options) {
  if (!partition.stable || partition.next < *partition.stable) return false;
  if (options.now_ms < past_us / 1000) return false;
  return !partition.last_active_ms || options.now_ms - *partition.last_active_ms >= options.idle_ms;
}

std::string WhatIsMissing(PartitionId id, const PartitionAdvance& partition) {
  if (partition.stable && partition.next < *partition.stable) {
    return fmt::format("partition {} has {} records to be landed", id.value(),
                       partition.stable->value() - partition.next.value());
  }
  if (partition.max_event_us.empty()) return fmt::format("partition {} has landed no event", id.value());
  return fmt::format("partition {} has landed events up to {}", id.value(),
                     FormatTimestamp(partition.max_event_us.back().second));
}

}  // namespace

PeriodVerdict JudgePeriod(int64_t end_us, const std::map<PartitionId, PartitionAdvance>& partitions,
                          bool unpublished, const CompletenessOptions& options) {
  PeriodVerdict verdict;
  const int64_t past_us = end_us + options.grace_ms * 1000;
  bool by_events = true;
  bool brokers_could_tell = false;
  for (const auto& [id, partition] : partitions) {
    if (const std::optional<BatchId> batch = ReachedBy(partition, past_us)) {
      verdict.completed_by = std::max(verdict.completed_by.value_or(BatchId(0)), *batch);
      continue;
    }
    by_events = false;
    if (IsIdle(partition, past_us, options)) continue;
    brokers_could_tell = brokers_could_tell || !partition.stable;
    if (verdict.waits_for.empty()) verdict.waits_for = WhatIsMissing(id, partition);
  }
  if (!by_events) verdict.completed_by.reset();
  if (unpublished) verdict.waits_for = "a batch is half published";
  if (partitions.empty()) verdict.waits_for = "no partition was ever landed";
  if (verdict.waits_for.empty()) {
    verdict.state = PeriodState::kComplete;
  } else if (brokers_could_tell && !unpublished) {
    verdict.state = PeriodState::kUnknown;
  }
  return verdict;
}

}  // namespace forebay
