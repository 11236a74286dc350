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
  if (!partition.stable || partition.next < *partition.stable || partition.held_back > 0) return false;
  if (options.now_ms < past_us / 1000) return false;
  return !partition.last_active_ms || options.now_ms - *partition.last_active_ms >= options.idle_ms;
}

std::string PendingReason(PartitionId id, const PartitionAdvance& partition) {
  if (partition.stable && partition.next < *partition.stable) {
    return fmt::format("partition {}: {} records not landed yet", id.value(),
                       partition.stable->value() - partition.next.value());
  }
  if (partition.held_back > 0) {
    return fmt::format("partition {}: {} records behind an open transaction", id.value(),
                       partition.held_back);
  }
  if (partition.max_event_us.empty()) return fmt::format("partition {}: no event landed yet", id.value());
  return fmt::format("partition {}: events landed up to {}", id.value(),
                     FormatTimestamp(partition.max_event_us.back().second));
}

}  // namespace

Completeness EvaluatePeriod(int64_t end_us, const std::map<PartitionId, PartitionAdvance>& partitions,
                            bool unpublished, const CompletenessOptions& options) {
  Completeness result;
  const int64_t past_us = end_us + options.grace_ms * 1000;
  bool by_events = true;
  bool depends_on_brokers = false;
  for (const auto& [id, partition] : partitions) {
    if (const std::optional<BatchId> batch = ReachedBy(partition, past_us)) {
      result.completed_by = std::max(result.completed_by.value_or(BatchId(0)), *batch);
      continue;
    }
    by_events = false;
    if (IsIdle(partition, past_us, options)) continue;
    depends_on_brokers = depends_on_brokers || !partition.stable;
    if (result.waits_for.empty()) result.waits_for = PendingReason(id, partition);
  }
  if (!by_events) result.completed_by.reset();
  if (unpublished) result.waits_for = "a batch is half published";
  if (partitions.empty()) result.waits_for = "no partition landed yet";
  if (result.waits_for.empty()) {
    result.state = PeriodState::kComplete;
  } else if (depends_on_brokers && !unpublished) {
    result.state = PeriodState::kUnknown;
  }
  return result;
}

}  // namespace forebay
