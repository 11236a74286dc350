// Where a sequence number lies in event time.
#pragma once

#include <cstdint>

#include "scenario/rhythm.h"

namespace forebay {

// No event of the shop is later than this, so that faults can write a year that is plainly wrong.
inline constexpr int64_t kLastEventMs = 221'845'392'000'000;  // 9000-01-01T00:00:00Z
// The longest session.
inline constexpr int64_t kLongestSessionMs = 30 * 60'000;

// Maps click sequences to instants, following the rhythm of the week. Immutable; thread-safe.
class Timeline {
 public:
  // The first `clicks` clicks cover [start, end). REQUIRES: start < end, clicks > 0.
  static Timeline OverSpan(int64_t start_ms, int64_t end_ms, uint64_t clicks);
  // REQUIRES: clicks_per_1000_seconds > 0.
  static Timeline AtRate(int64_t start_ms, uint64_t clicks_per_1000_seconds);

  // When the session that begins with this click begins: monotone in `click`. REQUIRES: Reaches(click).
  int64_t TimeOf(uint64_t click) const { return rhythm_.TimeAt(MassOf(click)); }
  // Whether the click lies before kLastEventMs.
  bool Reaches(uint64_t click) const { return MassOf(click) < last_mass_; }

 private:
  Timeline(int64_t start_ms, Rhythm::Mass mass, uint64_t clicks);
  Rhythm::Mass MassOf(uint64_t click) const { return start_mass_ + mass_ * click / clicks_; }

  Rhythm rhythm_;
  Rhythm::Mass start_mass_;
  Rhythm::Mass last_mass_;
  Rhythm::Mass mass_;  // this much for each `clicks_` clicks
  uint64_t clicks_;
};

}  // namespace forebay
