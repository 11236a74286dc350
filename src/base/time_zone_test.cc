#include "base/time_zone.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "base/time.h"

namespace forebay {
namespace {

using testing::HasSubstr;

TimeZone Zone(const std::string& name) {
  auto zone = TimeZone::Load(name);
  EXPECT_TRUE(zone.ok()) << zone.error().message();
  return *zone;
}

int64_t At(int32_t year_day, int hour, int minute = 0) {
  return year_day * kMicrosPerDay + (hour * 60 + minute) * 60 * kMicrosPerSecond;
}

int64_t At(const char* date, int hour, int minute = 0) {
  return At(*ParseDate(date), hour, minute);
}

std::string LocalText(const std::string& zone, int64_t micros) {
  std::string text = FormatTimestamp(LocalTime(Zone(zone)).Of(micros));
  text.pop_back();
  return text;
}

TEST(TimeZoneTest, NamesHaveTheFormOfTheDatabase) {
  for (const char* const name : {"Europe/Berlin", "America/Argentina/Ushuaia", "Etc/GMT+5", "UTC", "EST5EDT",
                                 "America/Port-au-Prince", "GB"})
    EXPECT_TRUE(IsTimeZoneName(name)) << name;
  for (const char* const name :
       {"", "/etc/passwd", "../zone", "Europe/../x", "Europe/", "Europe//Berlin", "Europe/Ber lin", "+01:00",
        "file:x", "right/Europe/Berlin", "posix/Europe/Berlin", "Europe/Berl\xc3\xadn"})
    EXPECT_FALSE(IsTimeZoneName(name)) << name;
  EXPECT_FALSE(IsTimeZoneName(std::string(65, 'x')));
}

TEST(TimeZoneTest, UnknownZonesAreNamed) {
  const auto zone = TimeZone::Load("America/NewYork");
  ASSERT_FALSE(zone.ok());
  EXPECT_EQ(zone.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(zone.error().message(),
              HasSubstr("'America/NewYork' is not in this machine's time zone database"));
}

TEST(TimeZoneTest, AMissingDatabaseIsNamed) {
  ASSERT_EQ(setenv("TZDIR", "/nowhere", 1), 0);
  const auto zone = TimeZone::Load("Antarctica/Troll");  // used by no other test: zones are remembered
  unsetenv("TZDIR");
  ASSERT_FALSE(zone.ok());
  EXPECT_THAT(zone.error().message(), HasSubstr("no time zone database at /nowhere; install it"));
}

TEST(TimeZoneTest, LocalTimesFollowTheRules) {
  EXPECT_EQ(LocalText("", At("2025-07-01", 12)), "2025-07-01T12:00:00");
  EXPECT_EQ(LocalText("America/New_York", At("2025-07-01", 3)), "2025-06-30T23:00:00");
  EXPECT_EQ(LocalText("America/New_York", At("2025-12-01", 3)), "2025-11-30T22:00:00");
  EXPECT_EQ(LocalText("Asia/Kolkata", At("2025-12-01", 18, 30)), "2025-12-02T00:00:00");
  EXPECT_EQ(LocalText("Asia/Tokyo", At("9998-12-01", 15)), "9998-12-02T00:00:00");
  EXPECT_EQ(LocalText("America/New_York", At("1800-01-01", 5)), "1800-01-01T00:03:58");  // local mean time
  // Beyond the years that the database lists.
  EXPECT_EQ(LocalText("America/New_York", At("2100-07-01", 3)), "2100-06-30T23:00:00");
  EXPECT_EQ(LocalText("America/New_York", At("5000-07-01", 3)), "5000-06-30T23:00:00");
  EXPECT_EQ(LocalText("America/New_York", At("5000-12-01", 3)), "5000-11-30T22:00:00");
}

TEST(TimeZoneTest, TheRememberedIntervalChangesNothing) {
  std::mt19937_64 random(7);
  for (const char* const name : {"America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Asia/Tokyo",
                                 "Africa/Casablanca", "Pacific/Apia", "America/St_Johns", "UTC"}) {
    const TimeZone zone = Zone(name);
    LocalTime remembering(zone);
    int64_t at = 0;
    for (int i = 0; i < 5000; ++i) {
      // Mostly near the last one, now and then anywhere in the years 0000 to 9999.
      const int64_t near = static_cast<int64_t>(random() % (2 * 90 * kMicrosPerDay)) - 90 * kMicrosPerDay;
      const int64_t anywhere = kFirstDay * kMicrosPerDay +
                               static_cast<int64_t>(random() % ((kLastDay - kFirstDay) * kMicrosPerDay));
      at = i % 50 == 0 ? anywhere : at + near;
      EXPECT_EQ(remembering.Of(at), LocalTime(zone).Of(at)) << name << " " << at;
      const TimeZone::Span span = zone.SpanAt(at);
      EXPECT_LE(span.from_us, at);
      EXPECT_GT(span.to_us, at);
      for (const int64_t edge : {span.from_us, span.to_us - 1}) {
        if (edge == INT64_MIN) continue;
        EXPECT_EQ(LocalTime(zone).Of(edge), edge + span.offset_us) << name << " " << edge;
      }
    }
  }
}

TEST(TimeZoneTest, ALocalTimeBeginsAfterAllEarlierOnes) {
  const auto instant = [](const char* zone, const char* date, int hour) {
    return Zone(zone).InstantOf(At(date, hour));
  };
  EXPECT_EQ(instant("", "2025-11-02", 0), At("2025-11-02", 0));
  EXPECT_EQ(instant("America/New_York", "2025-11-02", 0), At("2025-11-02", 4));
  EXPECT_EQ(instant("America/New_York", "2025-11-03", 0), At("2025-11-03", 5));  // after a day of 25 hours
  EXPECT_EQ(instant("America/New_York", "2025-11-02", 1), At("2025-11-02", 5));  // the first of two
  EXPECT_EQ(instant("America/New_York", "2025-11-02", 2), At("2025-11-02", 7));
  EXPECT_EQ(instant("America/New_York", "2025-03-09", 2), At("2025-03-09", 7));   // skipped
  EXPECT_EQ(instant("America/New_York", "2025-03-10", 0), At("2025-03-10", 4));   // after a day of 23 hours
  EXPECT_EQ(instant("America/Sao_Paulo", "2018-11-04", 0), At("2018-11-04", 3));  // midnight is skipped
  EXPECT_EQ(instant("America/Havana", "2025-11-02", 0), At("2025-11-02", 4));     // midnight comes twice
  // At one minute past midnight the clock was set back to one minute past eleven: the old day went on.
  EXPECT_EQ(instant("America/St_Johns", "2010-11-07", 0), At("2010-11-07", 3, 30));
  EXPECT_EQ(instant("Pacific/Apia", "2011-12-30", 0), At("2011-12-30", 10));  // a day that was left out
  EXPECT_EQ(instant("Pacific/Apia", "2011-12-31", 0), At("2011-12-30", 10));
}

TEST(TimeZoneTest, NoEarlierLocalTimeFollows) {
  for (const char* const name : {"America/New_York", "Australia/Lord_Howe", "America/St_Johns",
                                 "America/Havana", "Africa/Casablanca", "Pacific/Apia", "Asia/Kathmandu"}) {
    const TimeZone zone = Zone(name);
    LocalTime local(zone);
    for (int64_t hour = At("2009-01-01", 0); hour < At("2013-01-01", 0); hour += kMicrosPerHour) {
      const int64_t instant = zone.InstantOf(hour);
      EXPECT_LT(local.Of(instant - 1), hour) << name << " " << FormatTimestamp(hour);
      for (int64_t later = instant; later < instant + 3 * kMicrosPerHour; later += kMicrosPerHour / 4)
        EXPECT_GE(local.Of(later), hour) << name << " " << FormatTimestamp(hour);
    }
  }
}

}  // namespace
}  // namespace forebay
