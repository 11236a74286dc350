#include "scenario/timeline.h"

namespace forebay {

Timeline::Timeline(int64_t start_ms, Rhythm::Mass mass, uint64_t clicks)
    : start_mass_(rhythm_.MassAt(start_ms)),
      last_mass_(rhythm_.MassAt(kLastEventMs)),
      mass_(mass),
      clicks_(clicks) {}

Timeline Timeline::OverSpan(int64_t start_ms, int64_t end_ms, uint64_t clicks) {
  const Rhythm rhythm;
  return Timeline(start_ms, rhythm.MassAt(end_ms) - rhythm.MassAt(start_ms), clicks);
}

Timeline Timeline::AtRate(int64_t start_ms, uint64_t clicks_per_1000_seconds) {
  constexpr uint64_t kSecondsPerWeek = 604'800;
  const Rhythm rhythm;
  return Timeline(start_ms, Rhythm::Mass{rhythm.mass_per_week()} * 1000,
                  clicks_per_1000_seconds * kSecondsPerWeek);
}

}  // namespace forebay
