// Timestamps in the spellings that programs print, where they mean one instant.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace forebay {

enum class TimestampReading : uint8_t {
  kInstant,
  kUtcInstant,  // one that is written in UTC, or as a number
  kNoOffset,    // a date and a time, without an offset from UTC; `micros` is that local time
  kNone,        // not a timestamp, or no such time
};

// RFC 3339, as ParseRfc3339 reads it, and the other spellings of Python, Java, Go, JavaScript and databases:
// a blank for the T, no seconds, the offsets +0530, +05 and UTC, blanks before the offset, and the name of
// the zone behind it ("+01:00[Europe/Berlin]", "+0100 CET"). Digits alone are an epoch number: see
// ParseEpoch.
TimestampReading ParseTimestamp(std::string_view text, int64_t* micros);

// A number of seconds, milliseconds, microseconds or nanoseconds since 1970, as microseconds: the unit in
// which it lies in the years 2000 to 2099, for no other one does. Nothing if there is none. REQUIRES: a
// number token.
std::optional<int64_t> ParseEpoch(std::string_view number);

}  // namespace forebay
