#include "status/service_level_status.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time.h"

namespace forebay {
namespace {

ServiceLevelStatus Freshness(int64_t limit_ms, const ServiceLevelFacts& facts) {
  ServiceLevelStatus status{"freshness", limit_ms, {}, {}, ""};
  if (!facts.lag || (*facts.lag > 0 && !facts.late_records)) {
    status.detail = "unknown without the brokers";
    return status;
  }
  const int64_t late = *facts.lag == 0 ? 0 : *facts.late_records;
  if (*facts.lag == 0) status.value_ms = 0;
  status.breached = late > 0;
  if (late > 0) status.detail = fmt::format("{} records have waited in Kafka for longer", late);
  return status;
}

ServiceLevelStatus Latency(int64_t limit_ms, const ServiceLevelFacts& facts) {
  ServiceLevelStatus status{"latency", limit_ms, facts.latency_ms, {}, ""};
  if (!facts.latency_ms) {
    status.detail = "unknown: no event has landed";
    return status;
  }
  status.breached = *facts.latency_ms > limit_ms;
  if (*status.breached) status.detail = "even the newest event of the last batch reached Kafka later";
  return status;
}

ServiceLevelStatus Retention(int64_t limit_ms, const ServiceLevelFacts& facts) {
  ServiceLevelStatus status{"retention", limit_ms, {}, {}, ""};
  if (facts.period_ends_us.empty()) {
    status.detail = "unknown: the lake has no dates of this table";
    return status;
  }
  const int64_t oldest_us = *std::min_element(facts.period_ends_us.begin(), facts.period_ends_us.end());
  status.value_ms = std::max<int64_t>(facts.now_ms - oldest_us / 1000, 0);
  const int64_t limit_us = (facts.now_ms - limit_ms) * 1000;
  const auto older = std::count_if(facts.period_ends_us.begin(), facts.period_ends_us.end(),
                                   [limit_us](int64_t end_us) { return end_us < limit_us; });
  status.breached = older > 0;
  if (older > 0) {
    status.detail =
        fmt::format("{} {} older: `forebay lake expire --table {} --before {}` removes what is", older,
                    older == 1 ? "date is" : "dates are", facts.table, FormatDate(DayOfMicros(limit_us)));
  }
  return status;
}

}  // namespace

std::vector<ServiceLevelStatus> CompareServiceLevels(const ServiceLevels& levels,
                                                     const ServiceLevelFacts& facts) {
  std::vector<ServiceLevelStatus> compared;
  if (levels.freshness_ms) compared.push_back(Freshness(*levels.freshness_ms, facts));
  if (levels.latency_ms) compared.push_back(Latency(*levels.latency_ms, facts));
  if (levels.retention_ms) compared.push_back(Retention(*levels.retention_ms, facts));
  return compared;
}

}  // namespace forebay
