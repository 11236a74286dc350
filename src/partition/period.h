// Periods: the date or hour level of a table's directories, which is its event time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "contract/contract.h"

namespace forebay {

// Hours since 1970-01-01T00:00Z (floor division). Inline: called for each row.
inline int64_t HourOfMicros(int64_t micros) {
  return micros / kMicrosPerHour - (micros % kMicrosPerHour < 0 ? 1 : 0);
}

// "2025-10-30-07". REQUIRES: an hour in the years 0000 to 9999.
std::string FormatHour(int64_t hour);
// The inverse; nothing for other text.
std::optional<int64_t> ParseHour(std::string_view text);

// The level of a table's directories that is a period of its event time; empty if there is none.
std::optional<PartitionDimension> PeriodDimension(const Table& table);
// The end of the period with this value, in microseconds; empty for a value that is not a date or hour.
std::optional<int64_t> PeriodEnd(const PartitionDimension& dimension, std::string_view value);

}  // namespace forebay
