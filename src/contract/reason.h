// Why a record is rejected: the closed list of reason codes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace forebay {

enum class Reason : uint8_t {
  kNotUtf8,          // the bytes are not UTF-8 (lone surrogates escaped as \uD800 included)
  kNotJson,          // not one complete JSON value, or followed by other text
  kNotAnObject,      // JSON, but not an object
  kDuplicateMember,  // an object has a duplicate member
  kTooDeep,          // nested more deeply than the decoder's limit
  kTooLarge,         // longer than the decoder's limit
  kMissingField,     // a required field is absent or null
  kWrongType,        // a value of another JSON type, or 5.5 for an integer
  kOutOfRange,       // outside minimum/maximum, does not fit the type, or cannot be a partition directory
  kBadTimestamp,     // not a timestamp or date, or too far ahead of or behind its Kafka timestamp
  kNotInEnum,        // not one of the listed values
  kPatternMismatch,  // does not match the pattern
  kBadLength,        // shorter than minLength, or longer than maxLength (in code points)
};

inline constexpr int kReasonCount = 13;

// All reasons, in declaration order.
std::array<Reason, kReasonCount> AllReasons();
// "not_utf8", ...: the name used in the quarantine table, in receipts and in reports.
std::string_view ReasonName(Reason reason);
std::optional<Reason> ReasonFromName(std::string_view name);

}  // namespace forebay
