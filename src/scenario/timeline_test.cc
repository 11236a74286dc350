#include "scenario/timeline.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace forebay {
namespace {

constexpr int64_t kStartMs = 1'740'960'000'000;  // a Monday
constexpr int64_t kWeekMs = kHoursPerWeek * kMillisPerHour;

TEST(RhythmTest, TimeIsTheInverseOfMass) {
  const Rhythm rhythm;
  for (int64_t time_ms = kStartMs - kWeekMs; time_ms < kStartMs + kWeekMs; time_ms += 777'777) {
    EXPECT_EQ(rhythm.TimeAt(rhythm.MassAt(time_ms)), time_ms);
    EXPECT_EQ(rhythm.TimeAt(rhythm.MassAt(time_ms) + 1), time_ms + 1);
  }
}

TEST(RhythmTest, EveryWeekHasTheSameMass) {
  const Rhythm rhythm;
  const int64_t thursday_ms = kStartMs + 3 * kMillisPerDay + 12'345'678;
  EXPECT_EQ(rhythm.MassAt(thursday_ms + kWeekMs) - rhythm.MassAt(thursday_ms), rhythm.mass_per_week());
}

TEST(TimelineTest, ASpanIsCoveredFromEndToEnd) {
  const int64_t span_ms = 3 * kMillisPerDay;
  const Timeline timeline = Timeline::OverSpan(kStartMs, span_ms, 1'000'000);
  EXPECT_EQ(timeline.TimeOf(0), kStartMs);
  EXPECT_EQ(timeline.longest_session_ms(), kLongestSessionMs);
  EXPECT_EQ(timeline.TimeOf(1'000'000), kStartMs + span_ms - kLongestSessionMs);
  EXPECT_EQ(Timeline::OverSpan(kStartMs, 1'000, 5).longest_session_ms(), 250);
  int64_t before_ms = 0;
  for (uint64_t click = 0; click < 1'000'000; click += 997) {
    const int64_t time_ms = timeline.TimeOf(click);
    EXPECT_GE(time_ms, before_ms);
    before_ms = time_ms;
  }
}

TEST(TimelineTest, ARateHoldsOverEveryWeek) {
  const Timeline timeline = Timeline::AtRate(kStartMs, 2500);
  for (uint64_t week = 0; week < 60; ++week) {
    EXPECT_EQ(timeline.TimeOf(week * 604'800 * 5 / 2), kStartMs + static_cast<int64_t>(week) * kWeekMs);
  }
}

TEST(TimelineTest, EveningsAreBusierThanNights) {
  const Timeline timeline = Timeline::AtRate(kStartMs, 1'000'000);
  int64_t counts[24] = {};
  for (uint64_t click = 0; click < 86'400'000; click += 1000) {
    const int64_t hour = (timeline.TimeOf(click) - kStartMs) / kMillisPerHour;
    if (hour < 24) ++counts[hour];
  }
  EXPECT_GT(counts[19], 4 * counts[3]);
  EXPECT_GT(counts[12], 2 * counts[4]);
}

TEST(TimelineTest, ReachesTheLastInstantOnly) {
  EXPECT_EQ(FormatTimestamp(kLastEventMs * 1000), "9000-01-01T00:00:00Z");
  const Timeline timeline = Timeline::AtRate(kStartMs, 1);  // one click in 1000 seconds
  EXPECT_TRUE(timeline.Reaches(200'000'000));
  EXPECT_FALSE(timeline.Reaches(250'000'000));
  EXPECT_FALSE(timeline.Reaches(UINT64_MAX));
}

}  // namespace
}  // namespace forebay
