// Oracle for tests: checks records of the shop by their text alone, with Boost.JSON and a second copy of the
// shop's rules, independent of the contract reader and the decoder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "contract/reason.h"

namespace forebay {

// Every rule that the record breaks, each once, in the order of Reason; empty for a good record. Omits rules
// that cannot be checked once a record is not UTF-8, not JSON, or not an object.
std::vector<Reason> JudgeClick(std::string_view value);
std::vector<Reason> JudgeOrder(std::string_view value);

// Milliseconds since 1970 of "2025-10-30T12:34:56.789Z"; -1 for any other text.
int64_t InstantMs(std::string_view text);

}  // namespace forebay
