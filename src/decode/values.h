// Parses the text of one JSON value into a typed one. Pure functions. They are exact, and never go through a
// double where exactness counts.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "contract/contract.h"

namespace forebay {

inline constexpr int32_t kMaxDecimalDigits = 38;  // of a decimal128

// 10^0 to 10^38.
inline constexpr std::array<__int128, kMaxDecimalDigits + 1> kPowersOfTen = [] {
  std::array<__int128, kMaxDecimalDigits + 1> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

enum class ParsedAs : uint8_t {
  kExact,
  kInexact,   // digits beyond the scale that are not zero
  kOverflow,  // does not fit 38 digits, or the double's range: the value is 10^38 or infinity, with its sign
};

// The number token `text` (RFC 8259 grammar, already checked) times 10^scale, exactly. Accepts exponents of
// any size.
ParsedAs ParseScaled(std::string_view text, int32_t scale, __int128* value);

// The double nearest to the number token. Values too small for a double become zero or a subnormal.
ParsedAs ParseDouble(std::string_view text, double* value);

// RFC 3339 date-time with an offset ("2025-10-30T12:34:56.789Z", "...+05:30"; T and Z in either case), as
// microseconds since 1970-01-01 UTC; finer digits are truncated. A leap second (23:59:60 UTC at the end of a
// month) becomes the last microsecond of its day, so that it stays in its date. Returns false if the text is
// not such a date-time, or lies outside the years 0000 to 9999.
bool ParseRfc3339(std::string_view text, int64_t* micros);

// A date's text and its day, to speed up parsing many times of few days.
struct KnownDate {
  char text[11] = "1970-01-01";
  int32_t day = 0;
};
// The same, but faster if the date is the known one. Sets *known to the date that it parsed.
bool ParseRfc3339(std::string_view text, KnownDate* known, int64_t* micros);

// Converts an epoch number in the unit of `format` (seconds may have a fraction) to microseconds; finer
// digits are truncated towards the past. The result may lie outside the years 0000 to 9999. REQUIRES: the
// format is a unit.
__int128 EpochMicros(std::string_view text, TimestampFormat format);

// Appends the decimal text of unscaled * 10^-scale: "12.50", "-0.05", "7".
void AppendDecimal(__int128 unscaled, int32_t scale, std::string* out);

}  // namespace forebay
