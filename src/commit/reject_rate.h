// Limit on the share of a batch's records that the contract may refuse.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"

namespace forebay {

using RefusedByReason = std::map<std::pair<std::string, std::string>, int64_t>;  // by topic and reason

// Returns kUnavailable if the share of `records` that was refused exceeds `max_reject_rate` (0 to 1; nullopt:
// no limit).
Status CheckRejectRate(const std::optional<double>& max_reject_rate, int64_t records,
                       const RefusedByReason& reasons);

}  // namespace forebay
