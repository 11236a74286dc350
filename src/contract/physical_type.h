// Reads the name of a type as databases, languages and formats spell it: "NUMBER(38,18)",
// "timestamp(6) with time zone", "ARRAY<STRING>". Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace forebay {

struct PhysicalType {
  enum class Kind {
    kUnknown,
    kText,
    kBinary,
    kInteger,
    kDecimal,  // also one without a precision: see `precision`
    kFloat,
    kBoolean,
    kDate,
    kTime,
    kTimestamp,       // says nothing about time zones
    kInstant,         // with a time zone, or in UTC
    kLocalTimestamp,  // without a time zone
    kObject,
    kArray,
    kMap,
    kJson,
  };

  Kind kind = Kind::kUnknown;
  std::optional<int64_t> length;  // texts: at most so many characters
  int32_t bits = 64;              // integers: 8 to 256
  bool is_unsigned = false;       // integers
  // Decimals: at least 1, and at least the scale. Not set: the type does not say.
  std::optional<int32_t> precision;
  int32_t scale = 0;  // decimals: at least 0
};

// kUnknown for a name that is not in the table. Ignores upper and lower case, and blanks between the parts.
PhysicalType ParsePhysicalType(std::string_view text);

}  // namespace forebay
