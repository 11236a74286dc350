#include "decode/fast_path_rules.h"

#include <algorithm>

#include "decode/values.h"

namespace forebay {
namespace {

// Sets the rules' inclusive 64-bit bounds to the field's bounds within [least, most]; false if they allow no
// value.
bool SetBounds(const Field& field, __int128 least, __int128 most, FastPathRules* rules) {
  if (field.minimum) least = std::max(least, field.minimum->exact + (field.minimum->exclusive ? 1 : 0));
  if (field.maximum) most = std::min(most, field.maximum->exact - (field.maximum->exclusive ? 1 : 0));
  if (least > most || least > INT64_MAX || most < INT64_MIN) return false;
  rules->min = static_cast<int64_t>(std::max<__int128>(least, INT64_MIN));
  rules->max = static_cast<int64_t>(std::min<__int128>(most, INT64_MAX));
  return true;
}

}  // namespace

FastPathRules::FastPathRules(const Field& field) {
  bool possible = true;
  switch (field.type) {
    case FieldType::kString:
      kind = field.pattern.empty() && field.enum_values.empty() ? Kind::kText : Kind::kCached;
      min = field.min_length.value_or(0);  // code points; each takes one byte here
      max = field.max_length.value_or(INT64_MAX);
      break;
    case FieldType::kTimestamp:
      if (field.timestamp_format != TimestampFormat::kRfc3339) break;
      kind = Kind::kTime;
      possible = SetBounds(field, INT64_MIN, INT64_MAX, this);
      break;
    case FieldType::kInteger:
      kind = Kind::kInteger;
      possible = field.bits == 32 ? SetBounds(field, INT32_MIN, INT32_MAX, this)
                                  : SetBounds(field, INT64_MIN, INT64_MAX, this);
      break;
    case FieldType::kDecimal:
      kind = Kind::kDecimal;
      scale = field.scale;
      possible = SetBounds(field, 1 - kPowersOfTen[static_cast<size_t>(field.precision)],
                           kPowersOfTen[static_cast<size_t>(field.precision)] - 1, this);
      break;
    case FieldType::kNumber:
      if (!field.minimum && !field.maximum) kind = Kind::kDouble;
      break;
    case FieldType::kBoolean:
      kind = Kind::kBoolean;
      break;
    case FieldType::kDate:
    case FieldType::kObject:
    case FieldType::kArray:
      break;
  }
  if (!possible) kind = Kind::kNone;
}

}  // namespace forebay
