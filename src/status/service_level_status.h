// The contract's service levels of a table, compared with the lake. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "contract/contract.h"

namespace forebay {

struct ServiceLevelStatus {
  std::string property;  // "freshness", "latency", "retention"
  int64_t limit_ms = 0;
  std::optional<int64_t>
      value_ms;                  // as measured; none if it is unknown, or only whether it is within the limit
  std::optional<bool> breached;  // none: unknown
  std::string detail;            // why it is breached or unknown; empty if it is met
};

// What the levels are compared with.
struct ServiceLevelFacts {
  std::string table;
  int64_t now_ms = 0;
  std::optional<int64_t> lag;           // none: the brokers do not tell
  std::optional<int64_t> late_records;  // records that have waited in Kafka for longer than the freshness
  // From the newest landed event to the newest Kafka timestamp, in the batch that last landed rows.
  std::optional<int64_t> latency_ms;
  std::vector<int64_t> period_ends_us;  // of the dates that the lake holds
};

std::vector<ServiceLevelStatus> CompareServiceLevels(const ServiceLevels& levels,
                                                     const ServiceLevelFacts& facts);

}  // namespace forebay
