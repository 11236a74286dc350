// How dates, times and timestamps of a contract are read.
#include <gtest/gtest.h>

#include "base/time.h"
#include "contract/contract.h"
#include "contract/testing.h"

namespace forebay {
namespace {

TEST(Timestamps, AreLocalWhereTheContractSaysThatTheyHaveNoTimeZone) {
  const auto is_local = [](const std::string& keys) {
    return ExtraField("logicalType: timestamp, " + keys).type == FieldType::kLocalTimestamp;
  };
  for (const char* keys : {"physicalType: TIMESTAMP_NTZ", "physicalType: timestamp(3) without time zone",
                           "physicalType: DATETIME", "logicalTypeOptions: {timezone: false}",
                           "physicalType: TIMESTAMPTZ, logicalTypeOptions: {timezone: false}",
                           "physicalType: datetime2, logicalTypeOptions: {format: dd.MM.yyyy HH:mm}"}) {
    EXPECT_TRUE(is_local(keys)) << keys;
  }
  EXPECT_EQ(ExtraField("logicalType: timestamp_ntz").type, FieldType::kLocalTimestamp);
  for (const char* keys :
       {"physicalType: TIMESTAMP", "physicalType: DATETIME, logicalTypeOptions: {timezone: true}",
        "physicalType: DATETIME, logicalTypeOptions: {defaultTimezone: Europe/Berlin}",
        "logicalTypeOptions: {timezone: false, defaultTimezone: UTC}",
        "logicalTypeOptions: {timezone: false, format: epoch-millis}",
        "physicalType: DATETIME, logicalTypeOptions: {format: rfc3339}",
        "physicalType: DATETIME, logicalTypeOptions: {format: 'yyyy-MM-ddTHH:mm:ssZ'}"}) {
    EXPECT_FALSE(is_local(keys)) << keys;
  }
}

TEST(TimeFormats, PatternsThatAreNoSpellingOfIsoAreTheOnlyOne) {
  const Field iso =
      ExtraField("logicalType: timestamp, logicalTypeOptions: {format: 'yyyy-MM-dd HH:mm:ss,SSS'}");
  EXPECT_EQ(iso.time_pattern, "yyyy-MM-dd HH:mm:ss,SSS");
  EXPECT_EQ(iso.timestamp_format, TimestampFormat::kAny);
  const Field other = ExtraField("logicalType: date, logicalTypeOptions: {format: dd.MM.yyyy}");
  EXPECT_EQ(other.time_pattern, "dd.MM.yyyy");
  EXPECT_EQ(other.timestamp_format, TimestampFormat::kPattern);
  EXPECT_EQ(ExtraField("logicalType: date, logicalTypeOptions: {format: yyyy-MM-dd}").time_pattern, "");
  EXPECT_EQ(ExtraField("logicalType: time, logicalTypeOptions: {format: 'HH:mm XX'}").time_pattern, "");
  EXPECT_EQ(ExtraField("logicalType: time, logicalTypeOptions: {format: 'hh:mm a'}").time_pattern, "hh:mm a");
}

TEST(Bounds, OfTimesInEverySpelling) {
  const auto minimum = [](const std::string& type, const std::string& options) {
    const Field field =
        ExtraField("logicalType: " + type + ", logicalTypeOptions: {minimum: " + options + "}");
    return field.minimum ? static_cast<int64_t>(field.minimum->exact) : -1;
  };
  constexpr int64_t kNoon = 1'580'385'600'000'000;  // 2020-01-30T12:00:00Z
  EXPECT_EQ(minimum("timestamp", "'2020-01-30T12:00:00Z'"), kNoon);
  EXPECT_EQ(minimum("timestamp", "2020-01-30 12:00"), kNoon);
  EXPECT_EQ(minimum("timestamp", "'2020-01-30 22:00:00+10:00'"), kNoon);
  EXPECT_EQ(minimum("timestamp", "'2020-01-30T13:00:00.000 +0100'"), kNoon);
  EXPECT_EQ(minimum("timestamp", "2020-01-30"), kNoon - 12 * kMicrosPerHour);
  EXPECT_EQ(minimum("timestamp", "'2020-01-30 13:00:00', defaultTimezone: Europe/Berlin"), kNoon);
  EXPECT_EQ(minimum("timestamp", "'2020-01-30T12:00:00Z', defaultTimezone: Europe/Berlin"), kNoon);
  EXPECT_EQ(minimum("timestamp", "'30.01.2020 12:00', format: dd.MM.yyyy HH:mm"), kNoon);
  EXPECT_EQ(minimum("timestamp", "'2020-01-30 12:00:00', timezone: false"), kNoon);
  EXPECT_EQ(minimum("date", "'2020-01-30'"), DayOfMicros(kNoon));
  EXPECT_EQ(minimum("date", "2020-01-30 00:00:00"), DayOfMicros(kNoon));
  EXPECT_EQ(minimum("date", "30.01.2020, format: dd.MM.yyyy"), DayOfMicros(kNoon));
  EXPECT_EQ(minimum("time", "'12:00'"), 12 * kMicrosPerHour);
  EXPECT_EQ(minimum("time", "'12:00 PM', format: 'hh:mm a'"), 12 * kMicrosPerHour);
}

}  // namespace
}  // namespace forebay
