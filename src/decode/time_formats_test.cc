// Dates, times and timestamps that are written as the contract's format says.
#include <gtest/gtest.h>

#include <string>

#include "base/time.h"
#include "decode/record_decoder.h"
#include "decode/testing.h"
#include "decode/values.h"

namespace forebay {
namespace {

using testing::MakeField;
using testing::TestDecoder;

Field Written(FieldType type, std::string pattern, TimestampFormat format = TimestampFormat::kPattern) {
  Field field = MakeField("t", type);
  field.time_pattern = std::move(pattern);
  field.timestamp_format = format;
  return field;
}

// The value of the field, or the detail of the rejection.
class OneField {
 public:
  explicit OneField(Field field) : decoder_({std::move(field)}) {}

  std::string Of(const std::string& json) {
    const std::string verdict = decoder_.VerdictOfMembers("\"t\":" + json);
    if (verdict != "row") return verdict + ": " + decoder_.decoder->rejection().detail;
    const int64_t value = decoder_.slot(0).as_int();
    switch (decoder_.table.fields[2].type) {
      case FieldType::kDate:
        return FormatDate(static_cast<int32_t>(value));
      case FieldType::kTime:
        return FormatTimeOfDay(value);
      default:
        return FormatTimestamp(value);
    }
  }

 private:
  TestDecoder decoder_;
};

TEST(TimeFormats, APatternIsTheOnlySpelling) {
  OneField date(Written(FieldType::kDate, "dd/MM/yyyy"));
  EXPECT_EQ(date.Of(R"("03/10/2025")"), "2025-10-03");
  EXPECT_EQ(date.Of(R"("2025-10-03")"),
            "bad_timestamp t: '2025-10-03' is not in the contract's format dd/MM/yyyy, or no such date");
  EXPECT_EQ(date.Of(R"("31/02/2025")"),
            "bad_timestamp t: '31/02/2025' is not in the contract's format dd/MM/yyyy, or no such date");
  EXPECT_EQ(date.Of("5"), "bad_timestamp t: '5' is not in the contract's format dd/MM/yyyy, or no such date");
  EXPECT_EQ(date.Of("true"), "wrong_type t: expected a date in a string, got true");
  OneField time(Written(FieldType::kTime, "hh:mm a"));
  EXPECT_EQ(time.Of(R"("06:04 PM")"), "18:04:00");
  EXPECT_EQ(time.Of(R"("18:04")"),
            "bad_timestamp t: '18:04' is not in the contract's format hh:mm a, or no such time");
  OneField digits(Written(FieldType::kDate, "yyyyMMdd"));
  EXPECT_EQ(digits.Of("20251003"), "2025-10-03") << "a number";
  EXPECT_EQ(digits.Of(R"("20251003")"), "2025-10-03");
}

TEST(TimeFormats, TimestampsOfAPattern) {
  Field field = Written(FieldType::kTimestamp, "dd.MM.yyyy HH:mm[X]");
  OneField no_zone(field);
  EXPECT_EQ(no_zone.Of(R"("03.10.2025 18:04+02:00")"), "2025-10-03T16:04:00Z");
  EXPECT_EQ(
      no_zone.Of(R"("03.10.2025 18:04")"),
      "bad_timestamp t: '03.10.2025 18:04' has no offset from UTC, so that it is not clear which instant "
      "it is");
  EXPECT_EQ(no_zone.Of(R"("2025-10-03T18:04:00Z")").substr(0, 13), "bad_timestamp");
  EXPECT_EQ(no_zone.Of("1759514640").substr(0, 13), "bad_timestamp") << "no epoch number";
  field.default_zone = "Europe/Berlin";
  OneField zoned(field);
  EXPECT_EQ(zoned.Of(R"("03.10.2025 18:04")"), "2025-10-03T16:04:00Z");
  EXPECT_EQ(zoned.Of(R"("03.12.2025 18:04")"), "2025-12-03T17:04:00Z");
}

TEST(TimeFormats, APatternOfIsoLeavesItsOtherSpellings) {
  OneField timestamp(Written(FieldType::kTimestamp, "yyyy-MM-dd HH:mm:ss,SSSXXX", TimestampFormat::kAny));
  EXPECT_EQ(timestamp.Of(R"("2025-10-03 18:04:11,250+02:00")"), "2025-10-03T16:04:11.250Z");
  EXPECT_EQ(timestamp.Of(R"("2025-10-03T18:04:11Z")"), "2025-10-03T18:04:11Z");
  EXPECT_EQ(timestamp.Of("1759514640"), "2025-10-03T18:04:00Z");
  EXPECT_EQ(timestamp.Of(R"("03.10.2025")"),
            "bad_timestamp t: '03.10.2025' is not in the contract's format yyyy-MM-dd HH:mm:ss,SSSXXX, or no "
            "such date");
}

TEST(TimeFormats, LocalTimestampsAreWhatTheClockShows) {
  OneField local(MakeField("t", FieldType::kLocalTimestamp));
  EXPECT_EQ(local.Of(R"("2025-10-03T18:04:11.25")"), "2025-10-03T18:04:11.250Z");
  EXPECT_EQ(local.Of(R"("2025-10-03 18:04")"), "2025-10-03T18:04:00Z");
  EXPECT_EQ(local.Of(R"("2025-10-03T18:04:11Z")"), "2025-10-03T18:04:11Z");
  EXPECT_EQ(local.Of("1759514640000"), "2025-10-03T18:04:00Z");
  EXPECT_EQ(local.Of(R"("2025-10-03T18:04:11+02:00")"),
            "bad_timestamp t: '2025-10-03T18:04:11+02:00' has an offset from UTC, and the contract says that "
            "its timestamps have none");
  EXPECT_EQ(local.Of(R"("03.10.2025")"),
            "bad_timestamp t: '03.10.2025' is not a timestamp, or no such time: 2025-10-30T18:04:11 was "
            "expected");
  OneField written(Written(FieldType::kLocalTimestamp, "dd.MM.yyyy HH:mm"));
  EXPECT_EQ(written.Of(R"("03.10.2025 18:04")"), "2025-10-03T18:04:00Z");
}

}  // namespace
}  // namespace forebay
