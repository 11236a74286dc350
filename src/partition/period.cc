#include "partition/period.h"

#include <cstdio>

namespace forebay {

std::string FormatHour(int64_t hour) {
  const int32_t day = DayOfMicros(hour * kMicrosPerHour);
  char text[8];
  std::snprintf(text, sizeof text, "-%02d", static_cast<int>(hour - int64_t{day} * 24));
  return FormatDate(day) + text;
}

std::optional<int64_t> ParseHour(std::string_view text) {
  const std::optional<int32_t> day = ParseDate(text.substr(0, 10));
  if (!day || text.size() != 13) return std::nullopt;
  const int hour = (text[11] - '0') * 10 + (text[12] - '0');
  if (hour < 0 || hour > 23) return std::nullopt;
  const int64_t hours = int64_t{*day} * 24 + hour;
  if (FormatHour(hours) != text) return std::nullopt;
  return hours;
}

std::optional<PartitionDimension> PeriodDimension(const Table& table) {
  for (const PartitionDimension& dimension : table.dimensions) {
    const bool is_period = dimension.transform != PartitionTransform::kIdentity ||
                           table.fields[dimension.source].type == FieldType::kDate;
    if (is_period && table.event_time == dimension.source) return dimension;
  }
  return std::nullopt;
}

std::optional<int64_t> PeriodEnd(const PartitionDimension& dimension, std::string_view value) {
  if (dimension.transform == PartitionTransform::kHour) {
    const std::optional<int64_t> hour = ParseHour(value);
    if (!hour) return std::nullopt;
    return (*hour + 1) * kMicrosPerHour;
  }
  const std::optional<int32_t> day = ParseDate(value);
  if (!day) return std::nullopt;
  return (int64_t{*day} + 1) * kMicrosPerDay;
}

}  // namespace forebay
