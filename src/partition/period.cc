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

Result<Periods> Periods::Of(const PartitionDimension& dimension) {
  FOREBAY_ASSIGN(const TimeZone zone, TimeZone::Load(dimension.time_zone));
  return Periods(dimension.transform, zone);
}

std::optional<int64_t> Periods::End(std::string_view value) const {
  if (transform_ == PartitionTransform::kHour) {
    const std::optional<int64_t> hour = ParseHour(value);
    if (!hour) return std::nullopt;
    return zone_.InstantOf((*hour + 1) * kMicrosPerHour);
  }
  const std::optional<int32_t> day = ParseDate(value);
  if (!day) return std::nullopt;
  return BeginningOfDay(*day + 1);
}

int64_t Periods::BeginningOfDay(int32_t day) const {
  return zone_.InstantOf(int64_t{day} * kMicrosPerDay);
}

}  // namespace forebay
