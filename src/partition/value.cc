#include "partition/value.h"

#include <charconv>

#include "base/assert.h"
#include "base/time.h"
#include "partition/period.h"

namespace forebay {

std::string FormatPartitionValue(const Field& field, PartitionTransform transform,
                                 const PartitionValue& value) {
  if (field.type == FieldType::kString) return std::get<std::string>(value);
  const int64_t number = std::get<int64_t>(value);
  const int64_t micros = field.type == FieldType::kDate ? number * kMicrosPerDay : number;
  if (transform == PartitionTransform::kYear) return FormatDate(DayOfMicros(micros)).substr(0, 4);
  if (transform == PartitionTransform::kMonth) return FormatDate(DayOfMicros(micros)).substr(0, 7);
  if (transform == PartitionTransform::kDate) return FormatDate(DayOfMicros(micros));
  if (transform == PartitionTransform::kHour) return FormatHour(HourOfMicros(micros));
  if (field.type == FieldType::kInteger) return std::to_string(number);
  if (field.type == FieldType::kBoolean) return number != 0 ? "true" : "false";
  FOREBAY_ASSERT(field.type == FieldType::kDate);
  return FormatDate(static_cast<int32_t>(number));
}

std::optional<PartitionValue> ParsePartitionValue(const Field& field, const std::string& text) {
  switch (field.type) {
    case FieldType::kString:
      return PartitionValue(text);
    case FieldType::kInteger: {
      int64_t value = 0;
      const char* const end = text.data() + text.size();
      const auto [rest, error] = std::from_chars(text.data(), end, value);
      if (error != std::errc() || rest != end) return std::nullopt;
      return PartitionValue(value);
    }
    case FieldType::kBoolean:
      if (text != "true" && text != "false") return std::nullopt;
      return PartitionValue(int64_t{text == "true"});
    case FieldType::kDate: {
      const std::optional<int32_t> day = ParseDate(text);
      if (!day) return std::nullopt;
      return PartitionValue(int64_t{*day});
    }
    default:
      return std::nullopt;
  }
}

}  // namespace forebay
