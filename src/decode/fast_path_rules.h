// The rules of the JSON decoder's fast path. Nearly all values of nearly all records are simple: a short run
// of bytes that is clearly within its field's rules. The fast path accepts those; all others go through full
// validation, which accepts or rejects them.
#pragma once

#include <cstdint>

#include "decode/field_rules.h"

namespace forebay {

// INVARIANT: the field's rules allow every value that these rules accept.
struct FastPathRules {
  enum class Kind : uint8_t {
    kNone,    // no fast path
    kText,    // a string of min to max bytes, all of them ASCII
    kCached,  // a string that was accepted recently
    kTime,    // an RFC 3339 timestamp; microseconds
    kDecimal,
    kInteger,
    kDouble,  // without bounds
    kBoolean,
  };

  explicit FastPathRules(const FieldRules& rules);

  Kind kind = Kind::kNone;
  int32_t scale = 0;  // of decimals
  // In the units of Bound::exact; of strings, in bytes. Both inclusive.
  int64_t min = INT64_MIN;
  int64_t max = INT64_MAX;
};

}  // namespace forebay
