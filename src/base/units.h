// Durations and sizes as people write them. Pure functions; kInvalidArgument for any other text.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace forebay {

// "90", "90s", "5m", "2h", "1d", "250ms" -> milliseconds.
Result<int64_t> ReadDurationMs(const std::string& text);
// The inverse, in the largest unit that divides the duration: "250ms", "90s", "1d". REQUIRES: ms >= 0.
std::string FormatDurationMs(int64_t ms);
// "512MB", "64MiB", "1GB", "1000" -> bytes.
Result<int64_t> ReadByteSize(const std::string& text);

}  // namespace forebay
