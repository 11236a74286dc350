#include "partition/period.h"

#include <cstdio>

#include "contract/field_place.h"

namespace forebay {
namespace {

// A date as it is is a period of a day.
PartitionTransform TransformOf(const PartitionDimension& dimension) {
  return dimension.transform == PartitionTransform::kIdentity ? PartitionTransform::kDate
                                                              : dimension.transform;
}

// The first day after a year, month or day. Each begins at its first day; 31 days later is the next month,
// and 366 the next year.
std::optional<int32_t> EndDay(PartitionTransform transform, const std::string& value) {
  const bool year = transform == PartitionTransform::kYear;
  const bool month = transform == PartitionTransform::kMonth;
  const std::optional<int32_t> first = ParseDate(value + (year ? "-01-01" : month ? "-01" : ""));
  if (!first || (!year && !month)) return first ? std::optional(*first + 1) : std::nullopt;
  const std::string within = FormatDate(*first + (year ? 366 : 31));
  return ParseDate(year ? within.substr(0, 4) + "-01-01" : within.substr(0, 7) + "-01");
}

}  // namespace

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
  std::optional<PartitionDimension> shortest;
  for (const PartitionDimension& dimension : table.dimensions) {
    const bool is_period = dimension.transform != PartitionTransform::kIdentity ||
                           FieldAt(table, dimension.source).type == FieldType::kDate;
    if (!is_period || table.event_time != dimension.source) continue;
    if (!shortest || TransformOf(*shortest) < TransformOf(dimension)) shortest = dimension;
  }
  return shortest;
}

Result<Periods> Periods::Of(const PartitionDimension& dimension) {
  FOREBAY_ASSIGN(const TimeZone zone, TimeZone::Load(dimension.time_zone));
  return Periods(TransformOf(dimension), zone);
}

std::optional<int64_t> Periods::End(std::string_view value) const {
  if (transform_ == PartitionTransform::kHour) {
    const std::optional<int64_t> hour = ParseHour(value);
    if (!hour) return std::nullopt;
    return zone_.InstantOf((*hour + 1) * kMicrosPerHour);
  }
  const std::optional<int32_t> end = EndDay(transform_, std::string(value));
  if (!end) return std::nullopt;
  return BeginningOfDay(*end);
}

int64_t Periods::BeginningOfDay(int32_t day) const {
  return zone_.InstantOf(int64_t{day} * kMicrosPerDay);
}

}  // namespace forebay
