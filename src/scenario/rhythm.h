// The shop's activity over time: the density of events over the hours of the week, and its inverse, in
// integers.
#pragma once

#include <array>
#include <cstdint>

namespace forebay {

inline constexpr int64_t kMillisPerHour = 3'600'000;
inline constexpr int kHoursPerWeek = 168;

// Activity in an hour of a visitor's local day; the busiest has kBusiestHour.
inline constexpr uint32_t kBusiestHour = 100;
uint32_t LocalHourWeight(int hour);

// Mass is the integral of density over time; every week has the same. Immutable; thread-safe.
class Rhythm {
 public:
  using Mass = __int128;

  Rhythm();
  // The mass between 1970-01-05 (a Monday) and this instant, in UTC. REQUIRES: 1970-01-05 or later.
  Mass MassAt(int64_t time_ms) const;
  // The earliest instant at which the mass reaches this value. REQUIRES: mass >= 0.
  int64_t TimeAt(Mass mass) const;
  int64_t mass_per_week() const { return mass_at_hour_[kHoursPerWeek]; }

 private:
  std::array<int64_t, kHoursPerWeek> weight_;  // per millisecond
  std::array<int64_t, kHoursPerWeek + 1>
      mass_at_hour_;  // before each hour of the week, from Monday 00:00 UTC
};

}  // namespace forebay
