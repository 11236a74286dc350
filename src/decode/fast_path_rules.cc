#include "decode/fast_path_rules.h"

#include <algorithm>

namespace forebay {

FastPathRules::FastPathRules(const FieldRules& rules) {
  const Field& field = rules.field();
  if (!field.enum_numbers.empty() || field.multiple_of) return;
  switch (field.type) {
    case FieldType::kString:
      kind = rules.accepted_texts() == nullptr ? Kind::kText : Kind::kCached;
      min = field.min_length.value_or(0);  // code points; each takes one byte here
      if (field.coercions.empty_as_null) min = std::max<int64_t>(min, 1);
      max = field.max_length.value_or(INT64_MAX);
      return;
    case FieldType::kTimestamp:
      if (field.timestamp_format == TimestampFormat::kAny ||
          field.timestamp_format == TimestampFormat::kRfc3339) {
        kind = Kind::kTime;
      }
      break;
    case FieldType::kInteger:
      kind = Kind::kInteger;
      break;
    case FieldType::kDecimal:
      kind = Kind::kDecimal;
      scale = field.scale;
      break;
    case FieldType::kNumber:
      if (!field.minimum && !field.maximum) kind = Kind::kDouble;
      return;
    case FieldType::kBoolean:
      kind = Kind::kBoolean;
      return;
    case FieldType::kDate:
    case FieldType::kTime:
    case FieldType::kLocalTimestamp:
    case FieldType::kObject:
    case FieldType::kArray:
    case FieldType::kMap:
    case FieldType::kJson:
      return;
  }
  const ValueRange<int64_t> range = rules.int64_range();
  min = range.min;
  max = range.max;
}

}  // namespace forebay
