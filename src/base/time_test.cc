#include "base/time.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace forebay {
namespace {

TEST(Date, KnownDays) {
  EXPECT_EQ(ParseDate("1970-01-01"), 0);
  EXPECT_EQ(ParseDate("1969-12-31"), -1);
  EXPECT_EQ(ParseDate("2000-03-01"), 11'017);
  EXPECT_EQ(ParseDate("2025-10-30"), 20'391);
  EXPECT_EQ(ParseDate("0000-01-01"), kFirstDay);
  EXPECT_EQ(ParseDate("9999-12-31"), kLastDay);
}

TEST(Date, DaysOfTenThousandYearsFollowEachOther) {
  const auto text = [](int year, int month, int day) {
    return fmt::format("{:04}-{:02}-{:02}", year, month, day);
  };
  int year = 0, month = 1, day = 1;
  for (int64_t days = kFirstDay; days <= kLastDay; ++days) {
    if (day == 1 || day >= 28 || (year >= 1890 && year <= 2110)) {  // all of them take too long
      const std::string date = text(year, month, day);
      ASSERT_EQ(FormatDate(static_cast<int32_t>(days)), date);
      ASSERT_EQ(ParseDate(date), days);
    }
    ++day;
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    const int lengths[] = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (day <= lengths[month - 1]) continue;
    ASSERT_EQ(ParseDate(text(year, month, day)), std::nullopt);
    day = 1;
    if (++month > 12) month = 1, ++year;
  }
}

TEST(Date, LeapYears) {
  for (const char* date : {"2024-02-29", "2000-02-29"}) EXPECT_NE(ParseDate(date), std::nullopt) << date;
  for (const char* date :
       {"1900-02-29", "2025-02-29", "2025-04-31", "2025-00-01", "2025-13-01", "2025-01-00", "2025-01-32"}) {
    EXPECT_EQ(ParseDate(date), std::nullopt) << date;
  }
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
  EXPECT_EQ(FormatDate(*ParseDate("0007-02-03")), "0007-02-03");
}

TEST(FormatDateDeathTest, RefusesYearsBeyondFourDigits) {
  for (const int64_t day : {kLastDay + 1, kFirstDay - 1, kLastDay + 65'536 * 366, int64_t{INT32_MAX}})
    EXPECT_DEATH(FormatDate(static_cast<int32_t>(day)), "bug in Forebay") << day;
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

TEST(ParseDate, RejectsOtherText) {
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

TEST(TimeOfDay, IsParsedAndFormatted) {
  const auto of = [](int64_t hours, int64_t minutes, int64_t seconds) {
    return (hours * 3600 + minutes * 60 + seconds) * kMicrosPerSecond;
  };
  EXPECT_EQ(ParseTimeOfDay("00:00"), 0);
  EXPECT_EQ(ParseTimeOfDay("08:30:15"), of(8, 30, 15));
  EXPECT_EQ(ParseTimeOfDay("23:59:59.999999999"), of(23, 59, 59) + 999'999);
  EXPECT_EQ(ParseTimeOfDay("08:30:00.25"), of(8, 30, 0) + 250'000);
  for (const char* text : {"", "8:30", "24:00", "08:60", "08:30:60", "08:30:", "08:30:00.", "08:30:00.x",
                           "08:30:00Z", "08-30", "0830", "08:30:0", "08:30.5"}) {
    EXPECT_EQ(ParseTimeOfDay(text), std::nullopt) << text;
  }
  EXPECT_EQ(FormatTimeOfDay(of(8, 5, 0)), "08:05:00");
  EXPECT_EQ(FormatTimeOfDay(of(8, 5, 1) + 250'000), "08:05:01.250");
}

}  // namespace
}  // namespace forebay
