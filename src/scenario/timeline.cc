#include "scenario/timeline.h"

#include <algorithm>

namespace forebay {

Timeline::Timeline(int64_t start_ms, Rhythm::Mass mass, uint64_t clicks, int64_t longest_session_ms)
    : start_mass_(rhythm_.MassAt(start_ms)),
      last_mass_(rhythm_.MassAt(kLastEventMs)),
      mass_(mass),
      clicks_(clicks),
      longest_session_ms_(longest_session_ms) {}

Timeline Timeline::OverSpan(int64_t start_ms, int64_t span_ms, uint64_t clicks) {
  const Rhythm rhythm;
  const int64_t longest_session_ms = std::min(kLongestSessionMs, span_ms / 4);
  const int64_t last_start_ms = start_ms + span_ms - longest_session_ms;
  return Timeline(start_ms, rhythm.MassAt(last_start_ms) - rhythm.MassAt(start_ms), clicks,
                  longest_session_ms);
}

Timeline Timeline::AtRate(int64_t start_ms, uint64_t clicks_per_1000_seconds) {
  constexpr uint64_t kSecondsPerWeek = 604'800;
  const Rhythm rhythm;
  return Timeline(start_ms, Rhythm::Mass{rhythm.mass_per_week()} * 1000,
                  clicks_per_1000_seconds * kSecondsPerWeek, kLongestSessionMs);
}

}  // namespace forebay
