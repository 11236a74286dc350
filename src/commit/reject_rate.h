// The share of a batch's records that the contract may refuse.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"

namespace forebay {

using RefusedByReason = std::map<std::pair<std::string, std::string>, int64_t>;  // by topic and reason

// kUnavailable when more of `records` were refused than `max_reject_rate` (0 to 1; none: no limit) allows.
Status CheckRejectRate(const std::optional<double>& max_reject_rate, int64_t records,
                       const RefusedByReason& reasons);

}  // namespace forebay
