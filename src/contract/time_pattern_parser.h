// The grammar of TimePattern's patterns.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "contract/time_pattern.h"

namespace forebay {

// The steps that a pattern of DateTimeFormatter, or of strftime if it has a '%', stands for. Nothing for one
// that has other letters, or a part twice, and for one that is not well-formed. Says nothing about whether
// they make a date or time. Pure function, thread-safe.
std::optional<std::vector<TimePattern::Step>> ParseTimePattern(std::string_view pattern);

}  // namespace forebay
