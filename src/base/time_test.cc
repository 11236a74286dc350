#include "base/time.h"

#include <gtest/gtest.h>

#include <string>

namespace forebay {
namespace {

TEST(CivilDate, KnownDays) {
  EXPECT_EQ(DaysFromCivil({1970, 1, 1}), 0);
  EXPECT_EQ(DaysFromCivil({1969, 12, 31}), -1);
  EXPECT_EQ(DaysFromCivil({2000, 3, 1}), 11'017);
  EXPECT_EQ(DaysFromCivil({2025, 10, 30}), 20'391);
  EXPECT_EQ(DaysFromCivil({0, 1, 1}), -719'528);
  EXPECT_EQ(DaysFromCivil({9999, 12, 31}), 2'932'896);
}

TEST(CivilDate, EveryDayOfTenThousandYearsFollowsTheOneBefore) {
  CivilDate expected{0, 1, 1};
  for (int32_t days = DaysFromCivil({0, 1, 1}); days <= DaysFromCivil({9999, 12, 31}); ++days) {
    const CivilDate date = CivilFromDays(days);
    ASSERT_EQ(date.year, expected.year);
    ASSERT_EQ(date.month, expected.month);
    ASSERT_EQ(date.day, expected.day);
    ASSERT_TRUE(IsValidDate(date));
    ASSERT_EQ(DaysFromCivil(date), days);
    ++expected.day;
    if (IsValidDate(expected)) continue;
    expected = {expected.year, expected.month + 1, 1};
    if (expected.month > 12) expected = {expected.year + 1, 1, 1};
  }
}

TEST(CivilDate, LeapYears) {
  EXPECT_TRUE(IsValidDate({2024, 2, 29}));
  EXPECT_TRUE(IsValidDate({2000, 2, 29}));
  EXPECT_FALSE(IsValidDate({1900, 2, 29}));
  EXPECT_FALSE(IsValidDate({2025, 2, 29}));
  EXPECT_FALSE(IsValidDate({2025, 4, 31}));
  EXPECT_FALSE(IsValidDate({2025, 0, 1}));
  EXPECT_FALSE(IsValidDate({2025, 13, 1}));
  EXPECT_FALSE(IsValidDate({2025, 1, 0}));
  EXPECT_FALSE(IsValidDate({2025, 1, 32}));
}

TEST(DayOf, IsAFloorOnBothSidesOfTheEpoch) {
  EXPECT_EQ(DayOfMicros(0), 0);
  EXPECT_EQ(DayOfMicros(kMicrosPerDay - 1), 0);
  EXPECT_EQ(DayOfMicros(kMicrosPerDay), 1);
  EXPECT_EQ(DayOfMicros(-1), -1);
  EXPECT_EQ(DayOfMicros(-kMicrosPerDay), -1);
  EXPECT_EQ(DayOfMicros(-kMicrosPerDay - 1), -2);
  EXPECT_EQ(DayOfMillis(-1), -1);
  EXPECT_EQ(DayOfMillis(kMillisPerDay - 1), 0);
  EXPECT_EQ(DayOfMillis(kMillisPerDay), 1);
}

TEST(FormatDate, PadsWithZeros) {
  EXPECT_EQ(FormatDate(20'391), "2025-10-30");
  EXPECT_EQ(FormatDate(0), "1970-01-01");
  EXPECT_EQ(FormatDate(DaysFromCivil({7, 2, 3})), "0007-02-03");
  EXPECT_EQ(FormatDate(DaysFromCivil({9999, 12, 31})), "9999-12-31");
}

TEST(FormatDateDeathTest, RefusesYearsBeyondFourDigits) {
  EXPECT_DEATH(FormatDate(DaysFromCivil({9999, 12, 31}) + 1), "bug in Forebay");
}

TEST(FormatTimestamp, HasAsManyFractionDigitsAsNeeded) {
  const int64_t noon = int64_t{20'391} * kMicrosPerDay + int64_t{45'296} * kMicrosPerSecond;
  EXPECT_EQ(FormatTimestamp(noon), "2025-10-30T12:34:56Z");
  EXPECT_EQ(FormatTimestamp(noon + 789'000), "2025-10-30T12:34:56.789Z");
  EXPECT_EQ(FormatTimestamp(noon + 5'000), "2025-10-30T12:34:56.005Z");
  EXPECT_EQ(FormatTimestamp(noon + 789'001), "2025-10-30T12:34:56.789001Z");
  EXPECT_EQ(FormatTimestamp(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(FormatTimestamp(0), "1970-01-01T00:00:00Z");
}

TEST(ParseDate, IsTheInverseOfFormatDate) {
  for (int32_t days = DaysFromCivil({1899, 12, 1}); days < DaysFromCivil({2101, 1, 1}); ++days) {
    ASSERT_EQ(ParseDate(FormatDate(days)), days);
  }
}

TEST(ParseDate, RefusesEverythingElse) {
  for (const char* text : {"", "2025", "2025-1-01", "2025-01-1", "2025-02-30", "2025-13-01", "2025/01/01",
                           "2025-01-01 ", " 2025-01-01", "2025-01-01T", "+025-01-01", "-025-01-01",
                           "20a5-01-01", "2025-01-0x", "2025-0-001", "20250-1-01"}) {
    EXPECT_EQ(ParseDate(text), std::nullopt) << text;
  }
}

TEST(Clocks, GoForward) {
  const double before = MonotonicSeconds();
  EXPECT_LE(before, MonotonicSeconds());
  EXPECT_GT(WallClockMillis(), int64_t{20'000} * kMillisPerDay);
}

}  // namespace
}  // namespace forebay
