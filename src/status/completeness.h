// Whether a period (a date, or an hour) of a table is complete. Pure functions.
//
// A period is complete when no batch is half published and every partition is past it. A partition is past a
// period in one of two ways:
//
//   events    it has landed an event beyond the period's end plus a grace period
//   idleness  it is landed up to the end of its log, has been idle for some time, and the wall clock is past
//             the period's end plus the grace period. Records behind an open transaction are before that end
//
// A record that arrives later re-opens the period, visibly.
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
  kUnknown,  // depends on the brokers, which were not queried; or the period is not one of event time
};

// The progress of one partition (by number, over all incarnations of its topic).
struct PartitionAdvance {
  // The greatest landed event time after each batch that raised it. Both members ascend.
  std::vector<std::pair<BatchId, int64_t>> max_event_us;
  // Of the current incarnation. Values from the brokers are empty when the brokers were not queried.
  Offset next;
  std::optional<Offset> stable;
  std::optional<int64_t> last_active_ms;  // Kafka timestamp of the last record; none: no record yet
  int64_t held_back = 0;  // offsets behind an open transaction, from `stable` to the end of the log
};

struct CompletenessOptions {
  int64_t grace_ms = 3'600'000;
  int64_t idle_ms = 600'000;
  int64_t now_ms = 0;
};

struct Completeness {
  PeriodState state = PeriodState::kOpen;
  // The first batch after which every partition was past the period by event time; none if idleness decided.
  std::optional<BatchId> completed_by;
  std::string waits_for;  // why it is not complete: "partition 3: events landed up to 2025-10-30T..."
};

// `end_us` is the first instant after the period. `unpublished`: some batch of the table is half published.
Completeness EvaluatePeriod(int64_t end_us, const std::map<PartitionId, PartitionAdvance>& partitions,
                            bool unpublished, const CompletenessOptions& options);

}  // namespace forebay
