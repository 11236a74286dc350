// Maps sequence numbers to event time.
#pragma once

#include <cstdint>

#include "scenario/rhythm.h"

namespace forebay {

// Upper bound of the shop's event times, so that faults can write a year that is clearly wrong.
inline constexpr int64_t kLastEventMs = 221'845'392'000'000;  // 9000-01-01T00:00:00Z
// Longest session, however long the span.
inline constexpr int64_t kLongestSessionMs = 30 * 60'000;
// Longest time from a checkout click to its order.
inline constexpr int64_t kLongestCheckoutMs = 1'800;

// Maps click sequences to instants, following the weekly rhythm. Immutable; thread-safe.
class Timeline {
 public:
  // Sessions that begin with the first `clicks` clicks begin and end in [start, start + span). REQUIRES: span
  // > 0, clicks > 0.
  static Timeline OverSpan(int64_t start_ms, int64_t span_ms, uint64_t clicks);
  // REQUIRES: clicks_per_1000_seconds > 0.
  static Timeline AtRate(int64_t start_ms, uint64_t clicks_per_1000_seconds);

  // Start of the session that begins with this click; monotone in `click`. REQUIRES: Reaches(click).
  int64_t TimeOf(uint64_t click) const { return rhythm_.TimeAt(MassOf(click)); }
  // Whether the click lies before kLastEventMs.
  bool Reaches(uint64_t click) const { return MassOf(click) < last_mass_; }
  // Longest session allowed: a span reserves this time at its end for the last sessions.
  int64_t longest_session_ms() const { return longest_session_ms_; }

 private:
  Timeline(int64_t start_ms, Rhythm::Mass mass, uint64_t clicks, int64_t longest_session_ms);
  Rhythm::Mass MassOf(uint64_t click) const { return start_mass_ + mass_ * click / clicks_; }

  Rhythm rhythm_;
  Rhythm::Mass start_mass_;
  Rhythm::Mass last_mass_;
  Rhythm::Mass mass_;  // of each `clicks_` clicks
  uint64_t clicks_;
  int64_t longest_session_ms_;
};

}  // namespace forebay
