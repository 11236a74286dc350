// Limit on the share of a table's records in a batch that the contract may reject.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "report/reject_groups.h"

namespace forebay {

// The limit without --max-reject-rate. A few rejected records prove nothing: a batch of a quiet topic may
// consist of one bad record, and must not stop the landing.
inline constexpr double kDefaultMaxRejectRate = 0.9;
inline constexpr int64_t kFewRejects = 10;

// The outcome of the records of one topic in a batch, without tombstones.
struct TableOutcome {
  std::string table;
  int64_t rows = 0;
  int64_t rejected = 0;
  std::string topic = {};  // of a table of several topics; otherwise empty
};

// Returns kUnavailable if the share of a table's records that was rejected (of several topics: those of each
// one, which the others must not hide) exceeds `max_reject_rate` (0 to 1; nullopt: the default, which ignores
// fewer than kFewRejects). The message shows the rejected records, by
// field and reason, with samples; `groups` is called only for it.
Status CheckRejectRate(const std::optional<double>& max_reject_rate, const std::vector<TableOutcome>& tables,
                       const std::function<Result<RejectGroups>()>& groups);

}  // namespace forebay
