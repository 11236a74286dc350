// What makes a value good at a glance. Nearly all values of nearly all records are plain: a short run of
// bytes that is clearly within its field's rules. Whatever is not is read with care, and refused or taken
// there.
#pragma once

#include <cstdint>
#include <iterator>

#include "contract/contract.h"

namespace forebay {

// INVARIANT: a plain value within these is one that the field's rules allow.
struct PlainRules {
  enum class Kind : uint8_t {
    kNone,    // nothing is good at a glance
    kText,    // a string of min to max bytes, all of them ASCII
    kListed,  // a string that was accepted lately
    kTime,    // an RFC 3339 timestamp; microseconds
    kDecimal,
    kInteger,
    kDouble,  // without bounds
    kBoolean,
  };

  explicit PlainRules(const Field& field);

  Kind kind = Kind::kNone;
  int32_t scale = 0;  // of decimals
  // In the units of Bound::exact; of strings, in bytes. Both inclusive.
  int64_t min = INT64_MIN;
  int64_t max = INT64_MAX;
};

// A number token of at most 18 digits, without an exponent: mantissa * 10^-fraction_digits.
struct PlainNumber {
  int64_t mantissa = 0;
  int32_t fraction_digits = 0;
  bool negative = false;  // told apart for -0
};

// Where the number ends that begins at `p`; null if it is not a plain one.
inline const char* ReadPlainNumber(const char* p, const char* end, PlainNumber* number) {
  number->negative = p != end && *p == '-';
  if (number->negative) ++p;
  const char* const first = p;
  uint64_t digits = 0;
  // Too many digits may wrap; they are counted, and refused.
  for (; p != end && static_cast<unsigned char>(*p - '0') < 10; ++p)
    digits = digits * 10 + static_cast<uint64_t>(*p - '0');
  auto count = p - first;
  if (count == 0 || (*first == '0' && count > 1)) return nullptr;
  number->fraction_digits = 0;
  if (p != end && *p == '.') {
    const char* const fraction = ++p;
    for (; p != end && static_cast<unsigned char>(*p - '0') < 10; ++p)
      digits = digits * 10 + static_cast<uint64_t>(*p - '0');
    if (p == fraction) return nullptr;
    number->fraction_digits = static_cast<int32_t>(p - fraction < 19 ? p - fraction : 19);
    count += p - fraction;
  }
  if (count > 18 || (p != end && (*p == 'e' || *p == 'E'))) return nullptr;
  number->mantissa = number->negative ? -static_cast<int64_t>(digits) : static_cast<int64_t>(digits);
  return p;
}

// The number times 10^scale; false if that is not exact, or does not surely fit.
inline bool ScalePlainNumber(const PlainNumber& number, int32_t scale, int64_t* value) {
  static constexpr int64_t kPowers[] = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000};
  const int32_t shift = scale - number.fraction_digits;
  if (shift < 0 || shift >= static_cast<int32_t>(std::size(kPowers))) return false;
  return !__builtin_mul_overflow(number.mantissa, kPowers[shift], value);
}

// The double nearest to the number; false if a single division does not surely give it. Both operands are
// exact, and the division rounds once: W. D. Clinger, "How to Read Floating Point Numbers Accurately", PLDI
// 1990.
inline bool PlainDouble(const PlainNumber& number, double* value) {
  static constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                       1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
  constexpr int64_t kExact = int64_t{1} << 53;
  if (number.mantissa > kExact || number.mantissa < -kExact) return false;
  *value = static_cast<double>(number.mantissa) / kPowers[number.fraction_digits];
  if (number.negative && number.mantissa == 0) *value = -0.0;
  return true;
}

}  // namespace forebay
