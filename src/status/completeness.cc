#include "status/completeness.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time.h"

namespace forebay {
namespace {

void KeepGreatest(std::optional<int64_t>* greatest, int64_t other) {
  *greatest = std::max(greatest->value_or(other), other);
}

std::string TimeText(int64_t micros) {
  return InYears(micros, kMicrosPerDay) ? FormatTimestamp(micros) : "the end of the year 9999";
}

// The first batch after which the partition was past `instant_us`.
std::optional<BatchId> ReachedBy(const PartitionAdvance& partition, int64_t instant_us) {
  const auto reached = std::lower_bound(
      partition.steps.begin(), partition.steps.end(), instant_us,
      [](const PartitionAdvance::Step& step, int64_t instant) { return step.reached_us < instant; });
  if (reached == partition.steps.end()) return std::nullopt;
  return reached->batch;
}

// Where the logs part: an adopted log has the records of the one before it below its beginning.
Offset EndOfShared(const std::vector<LedgerPartition>& partitions, const TopicPartition& earlier,
                   const TopicPartition& later) {
  Offset end(INT64_MAX);
  for (const LedgerPartition& known : partitions) {
    const TopicPartition& log = known.partition;
    if (log.topic_id != later.topic_id || log.partition != later.partition) continue;
    if (log.incarnation <= earlier.incarnation || log.incarnation > later.incarnation) continue;
    end = std::min(end, known.beginning);
  }
  return end;
}

bool IsIdle(const PartitionAdvance& partition, const CompletenessOptions& options) {
  if (!partition.stable || partition.next < *partition.stable || partition.held_back > 0) return false;
  if (partition.cut_back > 0) return false;
  return !partition.active_us || options.now_ms - *partition.active_us / 1000 >= options.idle_ms;
}

// REQUIRES: the partition has not reached `past_us` by its records. `name`: that of the partition.
std::string PendingReason(const std::string& name, const PartitionAdvance& partition, int64_t past_us) {
  if (partition.cut_back > 0) {
    return fmt::format("{}: the log ends at offset {}, and was landed up to offset {}", name,
                       partition.stable->value(), partition.next.value());
  }
  if (partition.stable && partition.next < *partition.stable) {
    return fmt::format("{}: {} records not landed yet", name,
                       partition.stable->value() - partition.next.value());
  }
  if (partition.held_back > 0) {
    return fmt::format("{}: {} records behind an open transaction", name, partition.held_back);
  }
  if (!partition.event_us) {
    return fmt::format("{}: no event{} landed yet", name,
                       partition.log.incarnation > kFirstIncarnation ? " of the adopted log" : "");
  }
  if (*partition.event_us < past_us) {
    return fmt::format("{}: events landed up to {}", name, TimeText(*partition.event_us));
  }
  return fmt::format("{}: its newest record was received at {}, whatever its events say", name,
                     TimeText(*partition.received_us));
}

std::string UnconfirmedReason(const std::string& name, const std::optional<int64_t>& newest_kafka_ms) {
  return fmt::format(
      "{} is idle, and only this machine's clock says that the period is over: the newest record "
      "of the lake is of {}, and nothing confirms the clock (--local-clock)",
      name, newest_kafka_ms ? TimeText(*newest_kafka_ms * 1000) : "no known time");
}

}  // namespace

void PartitionAdvance::Follow(const TopicPartition& newest, const std::vector<LedgerPartition>& partitions) {
  if (newest.topic_id == log.topic_id) {
    if (newest.incarnation <= log.incarnation) return;
    const Offset shared = EndOfShared(partitions, log, newest);
    while (!steps.empty() && steps.back().to > shared) steps.pop_back();
    // What the records that remain had reached at least, each by itself.
    event_us = steps.empty() ? std::nullopt : std::optional(steps.back().reached_us);
    received_us = event_us;
  }
  log = newest;
}

void PartitionAdvance::Add(const LedgerBatch& batch, const BatchRange& range) {
  const bool is_earlier_log =
      range.partition.topic_id == log.topic_id && range.partition.incarnation < log.incarnation;
  if (range.rows + range.quarantined + range.tombstones > 0) {
    const int64_t landed_ms = batch.decided_at_ms;
    const int64_t newest_us = std::min(range.last_kafka_timestamp_ms.value_or(landed_ms), landed_ms) * 1000;
    KeepGreatest(&active_us, newest_us);
    if (!is_earlier_log) KeepGreatest(&received_us, newest_us);
  }
  if (is_earlier_log) return;
  if (range.max_event_time_us) KeepGreatest(&event_us, *range.max_event_time_us);
  if (!event_us || !received_us) return;
  const int64_t reached = std::min(*event_us, *received_us);
  if (steps.empty() || steps.back().reached_us < reached)
    steps.push_back({batch.id, reached, range.offsets.to});
}

void CompletenessOptions::ReadClock() {
  now_ms = WallClockMillis();
  clock_confirmed =
      local_clock == LocalClock::kTrusted || (local_clock == LocalClock::kAuto && WallClockIsSynchronized());
}

Completeness EvaluatePeriod(int64_t end_us, const PartitionAdvances& partitions,
                            const std::optional<int64_t>& newest_kafka_ms, bool unpublished,
                            const CompletenessOptions& options) {
  Completeness result;
  const int64_t past_us = end_us + options.grace_ms * 1000;
  const bool over = options.now_ms * 1000 >= past_us;
  const bool confirmed = options.clock_confirmed || (newest_kafka_ms && *newest_kafka_ms * 1000 >= past_us);
  bool by_records = true;
  bool depends_on_brokers = false;
  const bool several =
      !partitions.empty() && partitions.begin()->first.topic != partitions.rbegin()->first.topic;
  for (const auto& [id, partition] : partitions) {
    if (partition.has_ended) continue;
    if (const std::optional<BatchId> batch = ReachedBy(partition, past_us)) {
      result.completed_by = std::max(result.completed_by.value_or(BatchId(0)), *batch);
      continue;
    }
    by_records = false;
    const bool idle = IsIdle(partition, options);
    if (idle && confirmed) continue;
    depends_on_brokers = depends_on_brokers || !partition.stable;
    if (!result.waits_for.empty()) continue;
    const std::string name =
        fmt::format("{}{}partition {}", several ? id.topic : "", several ? " " : "", id.partition.value());
    result.waits_for =
        idle ? UnconfirmedReason(name, newest_kafka_ms) : PendingReason(name, partition, past_us);
  }
  if (!by_records || !over) result.completed_by.reset();
  if (!over) result.waits_for = "its end and the grace period, at " + TimeText(past_us);
  if (unpublished) result.waits_for = "a batch is half published";
  if (partitions.empty()) result.waits_for = "no partition landed yet";
  if (result.waits_for.empty()) {
    result.state = PeriodState::kComplete;
  } else if (depends_on_brokers && over && !unpublished) {
    result.state = PeriodState::kUnknown;
  }
  return result;
}

}  // namespace forebay
