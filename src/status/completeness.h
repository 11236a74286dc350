// Whether a period (a date, or an hour) of a table is complete. Pure functions.
//
// A period is complete when every partition has landed an event beyond its end plus a grace period, or is
// landed up to the last stable offset, has been idle for some time, and the period with its grace has passed
// on the wall clock; and nothing is half published. A record that arrives later re-opens it, visibly.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "contract/contract.h"

namespace forebay {

enum class PeriodState : uint8_t {
  kOpen,
  kComplete,
  kUnknown,  // only the brokers could tell, and they were not asked; or the period is not one of event time
};

// How far one partition (by number, over all incarnations of its topic) has come.
struct PartitionAdvance {
  // The greatest landed event time after each batch that raised it: both ascend.
  std::vector<std::pair<BatchId, int64_t>> max_event_us;
  // Of the current incarnation. What the brokers would have to tell is empty when they were not asked.
  Offset next;
  std::optional<Offset> stable;
  std::optional<int64_t> last_active_ms;  // Kafka timestamp of the last record; none: never one
};

struct CompletenessOptions {
  int64_t grace_ms = 3'600'000;
  int64_t idle_ms = 600'000;
  int64_t now_ms = 0;
};

struct PeriodVerdict {
  PeriodState state = PeriodState::kOpen;
  // The batch after which every partition was past the period by event time; none where idleness decided.
  std::optional<BatchId> completed_by;
  std::string waits_for;  // why it is not complete: "partition 3 has landed events up to 2025-10-30T..."
};

// `end_us` is the first instant behind the period. `unpublished`: some batch of the table is half published.
PeriodVerdict JudgePeriod(int64_t end_us, const std::map<PartitionId, PartitionAdvance>& partitions,
                          bool unpublished, const CompletenessOptions& options);

// The level of a table's directories that is a period of its event time; nothing where there is none.
std::optional<PartitionDimension> PeriodDimension(const Table& table);
// Where the period of this directory value ends, in microseconds; nothing for a value that is not a date or
// hour.
std::optional<int64_t> PeriodEnd(const PartitionDimension& dimension, std::string_view value);

}  // namespace forebay
