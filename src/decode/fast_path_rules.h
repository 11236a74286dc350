// What makes a value good at a glance. Nearly all values of nearly all records are plain: a short run of
// bytes that is clearly within its field's rules. Whatever is not is read with care, and refused or taken
// there.
#pragma once

#include <cstdint>

#include "contract/contract.h"

namespace forebay {

// INVARIANT: a plain value within these is one that the field's rules allow.
struct FastPathRules {
  enum class Kind : uint8_t {
    kNone,    // nothing is good at a glance
    kText,    // a string of min to max bytes, all of them ASCII
    kCached,  // a string that was accepted lately
    kTime,    // an RFC 3339 timestamp; microseconds
    kDecimal,
    kInteger,
    kDouble,  // without bounds
    kBoolean,
  };

  explicit FastPathRules(const Field& field);

  Kind kind = Kind::kNone;
  int32_t scale = 0;  // of decimals
  // In the units of Bound::exact; of strings, in bytes. Both inclusive.
  int64_t min = INT64_MIN;
  int64_t max = INT64_MAX;
};

}  // namespace forebay
