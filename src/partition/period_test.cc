#include "partition/period.h"

#include <gtest/gtest.h>

namespace forebay {
namespace {

constexpr int64_t kNovember1 = 20'393;  // 2025-11-01

constexpr int64_t kNovember1Us = kNovember1 * kMicrosPerDay;

int64_t Day(const char* date) {
  return *ParseDate(date);
}

Periods Of(PartitionTransform transform, const std::string& zone) {
  return *Periods::Of({"level", transform, {0}, zone});
}

TEST(Period, EndsOfDatesAndHours) {
  const Periods dates = Of(PartitionTransform::kDate, "");
  const Periods hours = Of(PartitionTransform::kHour, "");
  EXPECT_EQ(dates.End("2025-11-01"), kNovember1Us + kMicrosPerDay);
  EXPECT_EQ(dates.BeginningOfDay(kNovember1), kNovember1Us);
  EXPECT_EQ(hours.End("2025-11-01-05"), kNovember1Us + 6 * kMicrosPerHour);
  EXPECT_EQ(dates.End("9999-12-31"), (kLastDay + 1) * kMicrosPerDay);
  for (const char* const bad : {"2025-11-01-05", "2025-11-31", "", "x"}) EXPECT_FALSE(dates.End(bad)) << bad;
  for (const char* const bad :
       {"2025-11-01", "2025-11-01-24", "2025-11-01T05", "2025-11-01-0:", "2025-11-01-5"})
    EXPECT_FALSE(hours.End(bad)) << bad;
}

TEST(Period, EndsOfYearsAndMonths) {
  const Periods years = Of(PartitionTransform::kYear, "");
  const Periods months = Of(PartitionTransform::kMonth, "America/New_York");
  EXPECT_EQ(years.End("2024"), Day("2025-01-01") * kMicrosPerDay);
  EXPECT_EQ(years.End("2025"), Day("2026-01-01") * kMicrosPerDay);
  EXPECT_EQ(months.End("2025-10"), kNovember1Us + 4 * kMicrosPerHour);
  EXPECT_EQ(months.End("2025-02"), Day("2025-03-01") * kMicrosPerDay + 5 * kMicrosPerHour);
  EXPECT_EQ(months.End("2025-12"), Day("2026-01-01") * kMicrosPerDay + 5 * kMicrosPerHour);
  for (const char* const bad : {"2025-10", "25", "", "__HIVE_DEFAULT_PARTITION__"})
    EXPECT_FALSE(years.End(bad));
  for (const char* const bad : {"2025", "2025-13", "2025-10-01"}) EXPECT_FALSE(months.End(bad)) << bad;
}

TEST(Period, EndInTheirTimeZone) {
  const Periods dates = Of(PartitionTransform::kDate, "America/New_York");
  EXPECT_EQ(dates.End("2025-11-01"), kNovember1Us + 28 * kMicrosPerHour);
  EXPECT_EQ(dates.End("2025-11-02"), kNovember1Us + 53 * kMicrosPerHour);  // a day of 25 hours
  EXPECT_EQ(dates.BeginningOfDay(kNovember1), kNovember1Us + 4 * kMicrosPerHour);
  const Periods hours = Of(PartitionTransform::kHour, "America/New_York");
  EXPECT_EQ(hours.End("2025-11-02-00"), kNovember1Us + 29 * kMicrosPerHour);
  EXPECT_EQ(hours.End("2025-11-02-01"), kNovember1Us + 31 * kMicrosPerHour);  // shown twice
  EXPECT_EQ(Of(PartitionTransform::kHour, "Asia/Kolkata").End("2025-11-01-05"),
            kNovember1Us + kMicrosPerHour / 2);
  const auto unknown = Periods::Of({"date", PartitionTransform::kDate, {0}, "Europe/Nowhere"});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code(), ErrorCode::kFailedPrecondition);
}

TEST(Period, HoursAreParsedToTheSameHour) {
  for (const int64_t hour : {kNovember1 * 24 + 23, int64_t{0}, int64_t{-1}, int64_t{kFirstDay} * 24})
    EXPECT_EQ(ParseHour(FormatHour(hour)), hour);
  EXPECT_EQ(HourOfMicros(-1), -1);
  EXPECT_EQ(HourOfMicros(kMicrosPerHour), 1);
}

TEST(Period, OfATableIsTheLevelOfItsEventTime) {
  Table table;
  table.fields.resize(2);
  table.fields[0].type = FieldType::kTimestamp;
  table.fields[1].type = FieldType::kString;
  table.dimensions = {{"city", PartitionTransform::kIdentity, {1}}, {"date", PartitionTransform::kDate, {0}}};
  EXPECT_FALSE(PeriodDimension(table));
  table.event_time = FieldPlace{0};
  ASSERT_TRUE(PeriodDimension(table));
  EXPECT_EQ(PeriodDimension(table)->name, "date");
  table.dimensions.push_back({"hour", PartitionTransform::kHour, {0}});
  table.dimensions.push_back({"year", PartitionTransform::kYear, {0}});
  EXPECT_EQ(PeriodDimension(table)->name, "hour") << "the shortest";
  table.dimensions.resize(2);
  table.event_time = FieldPlace{1};
  EXPECT_FALSE(PeriodDimension(table));
}

}  // namespace
}  // namespace forebay
