#include "partition/period.h"

#include <gtest/gtest.h>

namespace forebay {
namespace {

constexpr int64_t kNovember1 = 20'393;  // 2025-11-01

TEST(Period, EndsOfDatesAndHours) {
  const PartitionDimension date{"date", PartitionTransform::kDate, 0};
  const PartitionDimension hour{"hour", PartitionTransform::kHour, 0};
  EXPECT_EQ(PeriodEnd(date, "2025-11-01"), (kNovember1 + 1) * kMicrosPerDay);
  EXPECT_EQ(PeriodEnd(hour, "2025-11-01-05"), kNovember1 * kMicrosPerDay + 6 * kMicrosPerHour);
  for (const char* const bad : {"2025-11-01-05", "2025-11-31", "", "x"})
    EXPECT_FALSE(PeriodEnd(date, bad)) << bad;
  for (const char* const bad :
       {"2025-11-01", "2025-11-01-24", "2025-11-01T05", "2025-11-01-0:", "2025-11-01-5"})
    EXPECT_FALSE(PeriodEnd(hour, bad)) << bad;
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
  table.dimensions = {{"city", PartitionTransform::kIdentity, 1}, {"date", PartitionTransform::kDate, 0}};
  EXPECT_FALSE(PeriodDimension(table));
  table.event_time = 0;
  ASSERT_TRUE(PeriodDimension(table));
  EXPECT_EQ(PeriodDimension(table)->name, "date");
  table.event_time = 1;
  EXPECT_FALSE(PeriodDimension(table));
}

}  // namespace
}  // namespace forebay
