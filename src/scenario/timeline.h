// Where a sequence number lies in event time.
#pragma once

#include <cstdint>

#include "scenario/rhythm.h"

namespace forebay {

// No event of the shop is later than this, so that faults can write a year that is plainly wrong.
inline constexpr int64_t kLastEventMs = 221'845'392'000'000;  // 9000-01-01T00:00:00Z
// No session is longer, however much time there is.
inline constexpr int64_t kLongestSessionMs = 30 * 60'000;
// From a checkout click to its order, at most.
inline constexpr int64_t kLongestCheckoutMs = 1'800;

// Maps click sequences to instants, following the rhythm of the week. Immutable; thread-safe.
class Timeline {
 public:
  // Sessions that begin with the first `clicks` clicks begin and end in [start, start + span). REQUIRES: span
  // > 0, clicks > 0.
  static Timeline OverSpan(int64_t start_ms, int64_t span_ms, uint64_t clicks);
  // REQUIRES: clicks_per_1000_seconds > 0.
  static Timeline AtRate(int64_t start_ms, uint64_t clicks_per_1000_seconds);

  // When the session that begins with this click begins: monotone in `click`. REQUIRES: Reaches(click).
  int64_t TimeOf(uint64_t click) const { return rhythm_.TimeAt(MassOf(click)); }
  // Whether the click lies before kLastEventMs.
  bool Reaches(uint64_t click) const { return MassOf(click) < last_mass_; }
  // No session may be longer: a span keeps time at its end for those that began last.
  int64_t longest_session_ms() const { return longest_session_ms_; }

 private:
  Timeline(int64_t start_ms, Rhythm::Mass mass, uint64_t clicks, int64_t longest_session_ms);
  Rhythm::Mass MassOf(uint64_t click) const { return start_mass_ + mass_ * click / clicks_; }

  Rhythm rhythm_;
  Rhythm::Mass start_mass_;
  Rhythm::Mass last_mass_;
  Rhythm::Mass mass_;  // this much for each `clicks_` clicks
  uint64_t clicks_;
  int64_t longest_session_ms_;
};

}  // namespace forebay
