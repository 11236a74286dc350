// For tests: judges records of the shop by their text alone, with Boost.JSON and the shop's rules written out
// once more, independently of the contract reader and of the decoder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "contract/reason.h"

namespace forebay {

// Every rule that the record breaks, each once, in the order of Reason; empty for a good one. What can't be
// judged once a record is not UTF-8, not JSON, or not an object is left out.
std::vector<Reason> JudgeClick(std::string_view value);
std::vector<Reason> JudgeOrder(std::string_view value);

// Milliseconds since 1970 of "2025-10-30T12:34:56.789Z"; -1 for anything else.
int64_t InstantMs(std::string_view text);

}  // namespace forebay
