// Periods: the level of a table's directories that is a year, month, date or hour of its event time, in the
// time zone of that dimension.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "base/time_zone.h"
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

// The level of a table's directories that is a period of its event time, the shortest if there are several;
// empty if there is none.
std::optional<PartitionDimension> PeriodDimension(const Table& table);

// When the periods of a dimension end. Thread-safe.
class Periods {
 public:
  // Returns kFailedPrecondition if this machine does not know the dimension's time zone.
  static Result<Periods> Of(const PartitionDimension& dimension);

  // The first instant after the period with this value, in microseconds; empty for a value that is no such
  // period. A day has 23 to 25 hours; of an hour that the clock shows twice, it is the end of the second.
  std::optional<int64_t> End(std::string_view value) const;
  // The first instant of a day. Days are counted from 1970-01-01.
  int64_t BeginningOfDay(int32_t day) const;

 private:
  Periods(PartitionTransform transform, TimeZone zone) : transform_(transform), zone_(zone) {}

  PartitionTransform transform_;
  TimeZone zone_;
};

}  // namespace forebay
