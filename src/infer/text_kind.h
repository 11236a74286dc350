// What a text of a record looks like: the kinds that a contract has a type or a format for.
#pragma once

#include <cstdint>
#include <string_view>

namespace forebay::infer {

enum class TextKind : uint8_t {
  kInstant,     // a timestamp that means one instant
  kLocalTime,   // a date and a time, without an offset
  kEpoch,       // digits that are seconds, ..., nanoseconds since 1970 in the years 2000 to 2099
  kDate,        // 2025-10-30
  kTime,        // 08:30:00.250
  kHourMinute,  // 08:30; it may as well be a ratio or a score
  kUuid,
  kIpv4,
  kIpv6,
  kEmail,
  kUri,
  kNumber,   // a JSON number
  kBoolean,  // true or false
  kEmpty,
  kOther,
};
inline constexpr int kTextKindCount = 15;

// The first kind that fits.
TextKind KindOf(std::string_view text);
// Their name for a comment: "timestamps", "numbers".
std::string_view PluralName(TextKind kind);

}  // namespace forebay::infer
