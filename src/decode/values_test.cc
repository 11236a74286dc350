#include "decode/values.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>

#include "base/time.h"

namespace forebay {
namespace {

std::string Scaled(std::string_view text, int32_t scale) {
  __int128 value = 0;
  switch (ParseScaled(text, scale, &value)) {
    case ParsedAs::kExact:
      break;
    case ParsedAs::kInexact:
      return "inexact";
    case ParsedAs::kOverflow:
      return "overflow";
  }
  std::string out;
  AppendDecimal(value, scale, &out);
  return out;
}

TEST(ParseScaledTest, IsExact) {
  EXPECT_EQ(Scaled("12.5", 2), "12.50");
  EXPECT_EQ(Scaled("-0.05", 2), "-0.05");
  EXPECT_EQ(Scaled("-0", 2), "0.00");
  EXPECT_EQ(Scaled("0.1", 1), "0.1");
  EXPECT_EQ(Scaled("1e2", 0), "100");
  EXPECT_EQ(Scaled("1.50e1", 0), "15");
  EXPECT_EQ(Scaled("1500E-2", 0), "15");
  EXPECT_EQ(Scaled("12.500000", 2), "12.50");
  EXPECT_EQ(Scaled("99999999999999999999999999999999999999", 0), "99999999999999999999999999999999999999");
  EXPECT_EQ(Scaled("0.00000000000000000000000000000000000000000000", 2), "0.00");
  EXPECT_EQ(Scaled("100000000000000000000000000000000000000e-10", 2), "10000000000000000000000000000.00");
}

TEST(ParseScaledTest, ReportsLostDigitsAndOverflow) {
  EXPECT_EQ(Scaled("12.505", 2), "inexact");
  EXPECT_EQ(Scaled("5.5", 0), "inexact");
  EXPECT_EQ(Scaled("1e-400", 2), "inexact");
  EXPECT_EQ(Scaled("0e999999999999", 2), "0.00");
  EXPECT_EQ(Scaled("1e999999999999999999999", 2), "overflow");
  EXPECT_EQ(Scaled("100000000000000000000000000000000000000", 0), "overflow");
  EXPECT_EQ(Scaled("99999999999999999999999999999999999999", 1), "overflow");
  EXPECT_EQ(Scaled("0.123456789012345678901234567890123456789012", 38), "inexact");
}

TEST(ParseScaledTest, AgreesWithPlainIntegers) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 10'000; ++i) {
    const auto value = static_cast<int64_t>(random()) >> (random() % 60);
    __int128 parsed = 0;
    ASSERT_EQ(ParseScaled(std::to_string(value), 0, &parsed), ParsedAs::kExact);
    ASSERT_EQ(static_cast<int64_t>(parsed), value);
  }
}

TEST(ParseDoubleTest, RoundsToNearest) {
  double value = 0;
  EXPECT_EQ(ParseDouble("0.1", &value), ParsedAs::kExact);
  EXPECT_EQ(value, 0.1);
  EXPECT_EQ(ParseDouble("2.2250738585072011e-308", &value), ParsedAs::kExact);
  EXPECT_EQ(value, 2.2250738585072011e-308);
  EXPECT_EQ(ParseDouble("1e-400", &value), ParsedAs::kExact);
  EXPECT_EQ(value, 0.0);
  EXPECT_EQ(ParseDouble("-0", &value), ParsedAs::kExact);
  EXPECT_TRUE(std::signbit(value));
  EXPECT_EQ(ParseDouble("1e400", &value), ParsedAs::kOverflow);
  EXPECT_EQ(ParseDouble("-1e400", &value), ParsedAs::kOverflow);
}

std::string Time(std::string_view text) {
  int64_t micros = 0;
  return ParseRfc3339(text, &micros) ? FormatTimestamp(micros) : "rejected";
}

TEST(ParseRfc3339Test, AcceptsEverySpelling) {
  EXPECT_EQ(Time("2025-10-30T12:34:56Z"), "2025-10-30T12:34:56Z");
  EXPECT_EQ(Time("2025-10-30t12:34:56z"), "2025-10-30T12:34:56Z");
  EXPECT_EQ(Time("2025-10-30T12:34:56.7Z"), "2025-10-30T12:34:56.700Z");
  EXPECT_EQ(Time("2025-10-30T12:34:56.123456789Z"), "2025-10-30T12:34:56.123456Z");
  EXPECT_EQ(Time("2025-10-30T00:30:00+05:30"), "2025-10-29T19:00:00Z");
  EXPECT_EQ(Time("2025-10-30T23:30:00-00:45"), "2025-10-31T00:15:00Z");
  EXPECT_EQ(Time("2025-10-30T12:00:00-00:00"), "2025-10-30T12:00:00Z");
  EXPECT_EQ(Time("1969-12-31T23:59:59.999999Z"), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(Time("0000-01-01T00:00:00Z"), "0000-01-01T00:00:00Z");
  EXPECT_EQ(Time("9999-12-31T23:59:59.999999Z"), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(Time("2024-02-29T00:00:00Z"), "2024-02-29T00:00:00Z");
}

TEST(ParseRfc3339Test, RejectsOtherTexts) {
  for (const char* text : {"",
                           "2025-10-30",
                           "2025-10-30T12:34:56",
                           "2025-10-30 12:34:56Z",
                           "2025-02-30T00:00:00Z",
                           "2025-13-01T00:00:00Z",
                           "2025-10-30T24:00:00Z",
                           "2025-10-30T12:60:00Z",
                           "2025-10-30T12:34:61Z",
                           "2025-10-30T12:34:56.Z",
                           "2025-10-30T12:34:56+0530",
                           "2025-10-30T12:34:56+05",
                           "2025-10-30T12:34:56+24:00",
                           "2025-10-30T12:34:56Zx",
                           "+025-10-30T12:34:56Z",
                           "10000-01-01T00:00:00Z",
                           "0000-01-01T00:00:00+00:01",
                           "9999-12-31T23:59:59-00:01",
                           "2025-10-30T12:34:56,5Z",
                           "2025-1-030T12:34:56Z",
                           "../../etc/passwd/etc/Z",
                           "2025-10-30T-1:00:00Z"}) {
    EXPECT_EQ(Time(text), "rejected") << text;
  }
}

TEST(ParseRfc3339Test, IsTheSameWithAKnownDate) {
  KnownDate known;
  for (const char* text :
       {"1970-01-01T12:00:00Z", "2025-10-30T12:34:56Z", "2025-10-30T23:30:00-00:45", "2025-10-30T24:00:00Z",
        "2025-02-30T00:00:00Z", "2025-02-30T00:00:00Z", "2025-10-31T00:00:00Z", "2025-10-3xT00:00:00Z",
        "2016-12-31T23:59:60Z", "2016-12-31T23:59:60Z", "2016-12-30T23:59:60Z", "2025-10-30T12:34:56Z"}) {
    int64_t micros = 0;
    const bool good = ParseRfc3339(text, &known, &micros);
    EXPECT_EQ(good ? FormatTimestamp(micros) : "rejected", Time(text)) << text;
  }
  int64_t micros = 0;
  known = KnownDate();
  EXPECT_FALSE(ParseRfc3339(std::string(10, '\0') + "T12:00:00Z", &known, &micros));
}

TEST(ParseRfc3339Test, KeepsALeapSecondInItsDay) {
  EXPECT_EQ(Time("2016-12-31T23:59:60Z"), "2016-12-31T23:59:59.999999Z");
  EXPECT_EQ(Time("2016-12-31T18:59:60.5-05:00"), "2016-12-31T23:59:59.999999Z");
  EXPECT_EQ(Time("2016-12-30T23:59:60Z"), "rejected");
  EXPECT_EQ(Time("2016-12-31T12:00:60Z"), "rejected");
}

std::string Epoch(std::string_view text, TimestampFormat format) {
  const __int128 micros = EpochMicros(text, format);
  return InYears(micros, kMicrosPerDay) ? FormatTimestamp(static_cast<int64_t>(micros)) : "another year";
}

TEST(EpochMicrosTest, ConvertsUnits) {
  EXPECT_EQ(Epoch("1761825600", TimestampFormat::kEpochSeconds), "2025-10-30T12:00:00Z");
  EXPECT_EQ(Epoch("1761825600.5", TimestampFormat::kEpochSeconds), "2025-10-30T12:00:00.500Z");
  EXPECT_EQ(Epoch("1761825600123", TimestampFormat::kEpochMillis), "2025-10-30T12:00:00.123Z");
  EXPECT_EQ(Epoch("-0.0000001", TimestampFormat::kEpochSeconds), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(Epoch("1e20", TimestampFormat::kEpochSeconds), "another year");
  EXPECT_EQ(Epoch("1e400", TimestampFormat::kEpochSeconds), "another year");
  EXPECT_EQ(Epoch("-1e400", TimestampFormat::kEpochMicros), "another year");
  EXPECT_EQ(Epoch("253402300800", TimestampFormat::kEpochSeconds), "another year");
  // The low 64 bits alone would be times in 1969 and 1970.
  EXPECT_EQ(Epoch("9223372036854775807", TimestampFormat::kEpochMillis), "another year");
  EXPECT_EQ(Epoch("18446744073709551616", TimestampFormat::kEpochMicros), "another year");
}

}  // namespace
}  // namespace forebay
