// Civil time without time zones (time_zone.h) or locales: everything is UTC, in the proleptic Gregorian
// calendar. Days are counted from 1970-01-01.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace forebay {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerHour = 3'600 * kMicrosPerSecond;
inline constexpr int64_t kMillisPerDay = 86'400'000;
inline constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

// The first and last day that can be formatted, in days since 1970-01-01.
inline constexpr int64_t kFirstDay = -719'528;  // 0000-01-01
inline constexpr int64_t kLastDay = 2'932'896;  // 9999-12-31

// Whether a time falls in the years 0000 to 9999. `per_day` is the number of its units in a day (1 if the
// time is in days). Accepts 64-bit and 128-bit integers, so that callers can check a time before narrowing
// it.
constexpr bool InYears(std::integral auto time, int64_t per_day) {
  return time >= kFirstDay * per_day && time < (kLastDay + 1) * per_day;
}

// The UTC day that contains this instant (floor division).
int32_t DayOfMicros(int64_t micros);
int32_t DayOfMillis(int64_t millis);

// "2025-10-30". REQUIRES: a day in the years 0000 to 9999.
std::string FormatDate(int32_t days);
// "2025-10-30T12:34:56.789Z", with as many fraction digits (0, 3 or 6) as needed.
std::string FormatTimestamp(int64_t micros);
// The inverse of FormatDate; exactly YYYY-MM-DD.
std::optional<int32_t> ParseDate(std::string_view text);

// "12:34:56.789", with as many fraction digits (0, 3 or 6) as needed. REQUIRES: a time within a day.
std::string FormatTimeOfDay(int64_t micros);
// "12:34", "12:34:56" or "12:34:56.789", as microseconds since midnight; finer digits are truncated.
std::optional<int64_t> ParseTimeOfDay(std::string_view text);

// An offset from UTC at the beginning of `text`, in minutes to the east: "Z", "UTC", "GMT", "+05:30", "+0530"
// or "+05". Sets *size to the number of its characters.
std::optional<int32_t> ParseUtcOffset(std::string_view text, size_t* size);

// Milliseconds since 1970-01-01 UTC, from the wall clock.
int64_t WallClockMillis();
// Whether the kernel knows the wall clock to be synchronized with another clock (NTP, PTP); false where it
// cannot tell.
bool WallClockIsSynchronized();
// Seconds from a clock that never goes back; only for intervals.
double MonotonicSeconds();

}  // namespace forebay
