#include "scenario/rhythm.h"

#include <algorithm>

#include "base/assert.h"

namespace forebay {
namespace {

constexpr int64_t kFirstMondayMs = 4 * 24 * kMillisPerHour;  // 1970-01-05

// Activity by the hour of the visitor's day: quiet at night, a bump at lunch time, a peak in the evening.
constexpr uint32_t kLocalHours[24] = {22, 13, 9,  7,  7,  11, 20, 34, 47,  56, 62, 66,
                                      70, 68, 63, 61, 64, 71, 82, 93, 100, 96, 74, 44};
// The whole shop by hour in UTC: most visitors live one or two hours east of Greenwich, a fifth in America.
constexpr int64_t kUtcHours[24] = {31, 24, 19, 17, 20, 28, 39, 50, 58, 63, 67, 68,
                                   68, 67, 67, 72, 80, 89, 96, 98, 88, 68, 50, 38};
constexpr int64_t kWeekdayPercent[7] = {100, 97, 96, 98, 101, 112, 121};  // from Monday

}  // namespace

uint32_t LocalHourWeight(int hour) {
  return kLocalHours[hour];
}

Rhythm::Rhythm() {
  mass_at_hour_[0] = 0;
  for (int hour = 0; hour < kHoursPerWeek; ++hour) {
    weight_[hour] = kUtcHours[hour % 24] * kWeekdayPercent[hour / 24];
    mass_at_hour_[hour + 1] = mass_at_hour_[hour] + weight_[hour] * kMillisPerHour;
  }
}

Rhythm::Mass Rhythm::MassAt(int64_t time_ms) const {
  const int64_t since = time_ms - kFirstMondayMs;
  FOREBAY_ASSERT(since >= 0);
  const int64_t hours = since / kMillisPerHour;
  const int64_t hour = hours % kHoursPerWeek;
  return Mass{hours / kHoursPerWeek} * mass_per_week() + mass_at_hour_[hour] +
         weight_[hour] * (since % kMillisPerHour);
}

int64_t Rhythm::TimeAt(Mass mass) const {
  FOREBAY_ASSERT(mass >= 0);
  const auto week = static_cast<int64_t>(mass / mass_per_week());
  const auto rest = static_cast<int64_t>(mass % mass_per_week());
  const auto above = std::upper_bound(mass_at_hour_.begin(), mass_at_hour_.end(), rest);
  const int64_t hour = above - mass_at_hour_.begin() - 1;
  const int64_t within = (rest - mass_at_hour_[hour] + weight_[hour] - 1) / weight_[hour];
  return kFirstMondayMs + (week * kHoursPerWeek + hour) * kMillisPerHour + within;
}

}  // namespace forebay
