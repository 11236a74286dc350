#include "contract/time_pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace forebay {
namespace {

// "2025-10-30T18:04:11Z" for a text in UTC, "2025-10-30T18:04:11 (120)" with an offset in minutes, "none" for
// one that is not written so, "no pattern" for a pattern that is not understood.
std::string Read(std::string_view pattern, std::string_view text) {
  const std::optional<TimePattern> compiled = TimePattern::Compile(pattern);
  if (!compiled) return "no pattern";
  const std::optional<WrittenTime> time = compiled->Read(text);
  if (!time) return "none";
  if (!compiled->has_date()) return FormatTimeOfDay(time->micros);
  std::string written = FormatTimestamp(time->LocalMicros());
  if (time->offset_minutes == 0) return written;
  written.pop_back();
  return time->offset_minutes ? written + " (" + std::to_string(*time->offset_minutes) + ")" : written;
}

TEST(TimePattern, OfDateTimeFormatter) {
  const struct {
    const char* pattern;
    const char* text;
    const char* time;
  } cases[] = {
      {"yyyy-MM-dd", "2025-10-03", "2025-10-03T00:00:00"},
      {"dd.MM.yyyy", "03.10.2025", "2025-10-03T00:00:00"},
      {"d.M.yyyy", "3.10.2025", "2025-10-03T00:00:00"},
      {"yyyyMMdd", "20251003", "2025-10-03T00:00:00"},
      {"MM/dd/yy", "10/03/25", "2025-10-03T00:00:00"},
      {"MMM d, yyyy", "Oct 3, 2025", "2025-10-03T00:00:00"},
      {"MMMM d, yyyy", "october 3, 2025", "2025-10-03T00:00:00"},
      {"EEE, dd MMM yyyy HH:mm:ss z", "Fri, 03 Oct 2025 18:04:11 GMT", "2025-10-03T18:04:11Z"},
      {"yyyy-MM-dd HH:mm:ss", "2025-10-03 18:04:11", "2025-10-03T18:04:11"},
      {"yyyyMMddHHmmssSSS", "20251003180411250", "2025-10-03T18:04:11.250"},
      {"yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2025-10-03T18:04:11.25+02:00", "2025-10-03T18:04:11.250 (120)"},
      {"yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2025-10-03T18:04:11.123456789-0830",
       "2025-10-03T18:04:11.123456 (-510)"},
      {"yyyy-MM-ddTHH:mm:ssZ", "2025-10-03T18:04:11Z", "2025-10-03T18:04:11Z"},
      {"yyyy-MM-dd'T'HH:mm:ss'Z'", "2025-10-03T18:04:11Z", "2025-10-03T18:04:11Z"},
      {"MM/dd/yyyy hh:mm a", "10/03/2025 12:04 AM", "2025-10-03T00:04:00"},
      {"MM/dd/yyyy h:mm a", "10/03/2025 6:04 pm", "2025-10-03T18:04:00"},
      {"YYYY-MM-DD", "2025-10-03", "2025-10-03T00:00:00"},
      {"dd/mm/yyyy", "03/10/2025", "2025-10-03T00:00:00"},
      {"dd/mm/yyyy HH:mm", "03/10/2025 18:04", "2025-10-03T18:04:00"},
      {"YYYY-MM-DD HH:MM:SS", "2025-10-03 18:04:11", "2025-10-03T18:04:11"},
      {"DD/MM/YYYY hh:mm:ss", "03/10/2025 18:04:11", "2025-10-03T18:04:11"},
      {"dd.MM.yyyy HH:MM:SS.SSS", "03.10.2025 18:04:11.250", "2025-10-03T18:04:11.250"},
      {"MMM d yyyy HH:MM", "Oct 3 2025 18:04", "2025-10-03T18:04:00"},
      {"dd/MM/yyyy[ HH:mm[:ss]]", "03/10/2025", "2025-10-03T00:00:00"},
      {"dd/MM/yyyy[ HH:mm[:ss]]", "03/10/2025 18:04:11", "2025-10-03T18:04:11"},
      {"yyyy.MM.dd HH:mm[X][ z]", "2025.10.03 18:04 UTC", "2025-10-03T18:04:00Z"},
      {"yyyy 'o''clock' MM''dd", "2025 o'clock 10'03", "2025-10-03T00:00:00"},
      {"HH:mm", "18:04", "18:04:00"},
      {"HH:MM:SS", "18:04:11", "18:04:11"},
      {"HH'h'mm", "18h04", "18:04:00"},
      {"HHmmss", "180411", "18:04:11"},
  };
  for (const auto& [pattern, text, time] : cases) EXPECT_EQ(Read(pattern, text), time) << pattern;
}

TEST(TimePattern, OfStrftime) {
  EXPECT_EQ(Read("%Y-%m-%d", "2025-10-03"), "2025-10-03T00:00:00");
  EXPECT_EQ(Read("%d/%b/%Y:%H:%M:%S %z", "03/Oct/2025:18:04:11 +0200"), "2025-10-03T18:04:11 (120)");
  EXPECT_EQ(Read("%A, %-d %B %Y %I:%M %p", "Friday, 3 October 2025 06:04 PM"), "2025-10-03T18:04:00");
  EXPECT_EQ(Read("%FT%T.%fZ", "2025-10-03T18:04:11.000001Z"), "2025-10-03T18:04:11.000001Z");
  EXPECT_EQ(Read("%y%%%m%%%d", "25%10%03"), "2025-10-03T00:00:00");
  EXPECT_EQ(Read("%R", "18:04"), "18:04:00");
}

TEST(TimePattern, WhatIsNotWrittenSo) {
  for (const char* text :
       {"", "03.10.2025 ", " 03.10.2025", "3.10.2025", "03.10.25", "03-10-2025", "2025-10-03", "30.02.2025",
        "00.10.2025", "03.13.2025", "0a.10.2025", "03.10.20255"}) {
    EXPECT_EQ(Read("dd.MM.yyyy", text), "none") << text;
  }
  for (const char* text : {"24:00:00", "18:60:00", "18:04:60", "18:04", "18:04:11.5", "8:04:11"}) {
    EXPECT_EQ(Read("HH:mm:ss", text), "none") << text;
  }
  EXPECT_EQ(Read("EEE dd.MM.yyyy", "Thu 03.10.2025"), "none") << "it is a Friday";
  EXPECT_EQ(Read("hh:mm a", "00:04 AM"), "none");
  EXPECT_EQ(Read("yyyy-MM-dd HH:mm 'MEZ'", "2025-10-30 18:04 MEZ"), "2025-10-30T18:04:00") << "no UTC";
  EXPECT_EQ(Read("hh:mm a", "13:04 AM"), "none");
  EXPECT_EQ(Read("hh:mm[ a]", "06:04"), "none") << "in the morning or in the evening";
  EXPECT_EQ(Read("MMM d yyyy", "Okt 3 2025"), "none");
  EXPECT_EQ(Read("HH:mm:ss.SSS", "18:04:11."), "none");
  EXPECT_EQ(Read("HHmmssSSSyyyyMMdd", "180411252025100"), "none") << "as many digits as letters";
  EXPECT_EQ(Read("yyyy-MM-dd HH:mmXXX", "2025-10-03 18:04+24:00"), "none");
  EXPECT_EQ(Read("yyyy-MM-dd'T'HH:mm'Z'", "2025-10-03T18:04+00:00"), "none");
}

TEST(TimePattern, WhatIsNoPattern) {
  for (const char* pattern : {"",
                              "iso",
                              "rfc3339",
                              "yyyy",
                              "yyyy-MM",
                              "MM-dd",
                              "yyyy-ww",
                              "yyyy-DDD",
                              "yyy-MM-dd",
                              "yyyy-MM-dd G",
                              "yyyy-MM-dd HH:mm VV",
                              "yyyy-MM-dd HH:mm a",
                              "yyyy-MM-dd HH:mm:ss:mm",
                              "mm:ss",
                              "yyyy-MM-dd ss",
                              "HH:ss",
                              "yyyy-MM-dd HH:mm.SSS",
                              "[yyyy-]MM-dd",
                              "yyyy-MM-dd[ HH",
                              "yyyy-MM-dd]",
                              "yyyy-MM-dd 'T",
                              "yyyy-MM-ddX",
                              "{yyyy}-MM-dd",
                              "%Y-%j",
                              "%Y-%m-%d %",
                              "%s",
                              "EEE HH:mm",
                              "HH:mm:ss.SSSSSSSSSS",
                              "[ ][ ][ ][ ][ ][ ][ ][ ][ ]yyyyMMdd"}) {
    EXPECT_EQ(Read(pattern, ""), "no pattern") << pattern;
  }
}

TEST(TimePattern, TellsWhichAreSpellingsOfIso) {
  const auto is_iso = [](std::string_view pattern) { return TimePattern::Compile(pattern)->is_iso(); };
  for (const char* pattern : {"yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss,SSS", "%Y-%m-%dT%H:%M:%SZ", "HH:mm:ss",
                              "yyyy-MM-dd[ HH:mm]", "%H:%M"}) {
    EXPECT_TRUE(is_iso(pattern)) << pattern;
  }
  for (const char* pattern : {"yyyy-dd-MM", "yyyy-M-d", "dd-MM-yyyy", "yyyy/MM/dd", "yyyyMMdd", "yy-MM-dd",
                              "yyyy-MM-dd hh:mm a", "H:mm", "HH.mm", "hh:mm a"}) {
    EXPECT_FALSE(is_iso(pattern)) << pattern;
  }
}

TEST(TimePattern, TellsWhatWasCutOff) {
  const TimePattern pattern = *TimePattern::Compile("HH:mm:ss.S");
  EXPECT_TRUE(pattern.Read("18:04:11.123456")->exact);
  EXPECT_TRUE(pattern.Read("18:04:11.123456000")->exact);
  EXPECT_FALSE(pattern.Read("18:04:11.1234567")->exact);
}

}  // namespace
}  // namespace forebay
