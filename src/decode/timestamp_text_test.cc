#include "decode/timestamp_text.h"

#include <gtest/gtest.h>

#include <string>

#include "base/time.h"

namespace forebay {
namespace {

std::string Read(std::string_view text) {
  int64_t micros = 0;
  switch (ParseTimestamp(text, &micros)) {
    case TimestampReading::kInstant:
    case TimestampReading::kUtcInstant:
      return FormatTimestamp(micros);
    case TimestampReading::kNoOffset:
      return "no offset";
    case TimestampReading::kNone:
      return "none";
  }
  return "";
}

TEST(TimestampText, SpellingsOfPrograms) {
  const std::pair<const char*, const char*> cases[] = {
      {"Python's isoformat", "2025-10-30T18:04:11.123456+00:00"},
      {"Python's str", "2025-10-30 18:04:11.123456+00:00"},
      {"Python's strftime %z", "2025-10-30T18:04:11.123456+0000"},
      {"Java's Instant", "2025-10-30T18:04:11.123456Z"},
      {"Java's ZonedDateTime", "2025-10-30T19:04:11.123456+01:00[Europe/Berlin]"},
      {"Go's String", "2025-10-30 18:04:11.123456 +0000 UTC"},
      {"Go's String elsewhere", "2025-10-30 19:04:11.123456 +0100 CET"},
      {"PostgreSQL", "2025-10-30 18:04:11.123456+00"},
      {"nine digits", "2025-10-30T18:04:11.123456789Z"},
      {"an epoch in a string", "1761847451123456"},
  };
  for (const auto& [program, text] : cases) EXPECT_EQ(Read(text), "2025-10-30T18:04:11.123456Z") << program;
  EXPECT_EQ(Read("2025-10-30T18:04Z"), "2025-10-30T18:04:00Z");
  EXPECT_EQ(Read("2025-10-30 18:04 GMT"), "2025-10-30T18:04:00Z");
  EXPECT_EQ(Read("2025-10-30T18:04:11-0830"), "2025-10-31T02:34:11Z");
}

TEST(TimestampText, TellsWhatIsWrittenInUtc) {
  int64_t micros = 0;
  for (const char* text : {"2025-10-30T18:04:11Z", "2025-10-30 18:04 GMT", "2025-10-30 18:04:11 +0000 UTC",
                           "2025-10-30T18:04:11-00:00", "1761847451"}) {
    EXPECT_EQ(ParseTimestamp(text, &micros), TimestampReading::kUtcInstant) << text;
  }
  EXPECT_EQ(ParseTimestamp("2025-10-30T18:04:11+01:00", &micros), TimestampReading::kInstant);
}

TEST(TimestampText, WhatMeansNoInstant) {
  EXPECT_EQ(Read("2025-10-30T18:04:11"), "no offset");
  EXPECT_EQ(Read("2025-10-30 18:04"), "no offset");
  for (const char* text :
       {"", "2025-10-30", "2025-02-30 18:04Z", "2025-10-30 25:04Z", "2025-10-30 18:04:11 CET",
        "2025-10-30_18:04Z", "30.10.2025 18:04:11Z", "2025-10-30 18:04:11+5",
        "2025-10-30 18:04:11+05:", "2025-10-30 18:04:11+053", "2025-10-30 18:04:11 +0000 1",
        "2025-10-30 18:04:11Z[]", "2025-10-30 18:04:11Z ", "2025-02-30 18:04", "0001761847451",
        "20251030180411", "99", "99999999999999999999999999"}) {
    EXPECT_EQ(Read(text), "none") << text;
  }
}

TEST(TimestampText, UnitsOfEpochNumbers) {
  for (const char* number : {"1761847451", "1761847451000", "1761847451000000", "1761847451000000000",
                             "1761847451.0", "1.761847451e9"}) {
    EXPECT_EQ(ParseEpoch(number), 1'761'847'451'000'000) << number;
  }
  EXPECT_EQ(ParseEpoch("946684800"), 946'684'800'000'000);
  for (const char* number : {"946684799", "4102444800", "0", "-1761847451", "5", "1e400", "17618474510"}) {
    EXPECT_EQ(ParseEpoch(number), std::nullopt) << number;
  }
}

}  // namespace
}  // namespace forebay
