// How a contract says that dates and times are written: the `format` of date, time and timestamp fields.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace forebay {

// What a text says: a date, a time of a day, or both, as the calendar and the clock there show them.
struct WrittenTime {
  int32_t day = 0;                        // since 1970-01-01
  int64_t micros = 0;                     // since midnight
  std::optional<int32_t> offset_minutes;  // from UTC, to the east
  bool exact = true;                      // false: digits behind the microseconds were cut off

  // Microseconds since 1970-01-01 of that calendar and clock.
  int64_t LocalMicros() const { return int64_t{day} * kMicrosPerDay + micros; }
};

// A pattern of java.time's DateTimeFormatter ("dd.MM.yyyy HH:mm", with English names), or one of C's strftime
// ("%d.%m.%Y"). Thread-safe.
//
// It is taken as people write it: YYYY and DD for the year and the day of the month, a T without quotes, mm
// for the month before the hour, MM and SS for minutes and seconds behind it, and hh without AM or PM for an
// hour of the day. A Z behind the clock is UTC, quoted or not. An offset is read in any spelling, a fraction
// of a second with one to nine digits where a character ends it, and the names of months in upper and lower
// case.
class TimePattern {
 public:
  // Nothing for a pattern with letters or parts that are not read here (weeks, eras, names of zones), without
  // the day or the month of a date, or with the half of a day and without its hour.
  static std::optional<TimePattern> Compile(std::string_view pattern);

  bool has_date() const { return has_date_; }
  bool has_clock() const { return has_clock_; }    // an hour, in each text
  bool has_offset() const { return has_offset_; }  // perhaps not in each text
  bool always_has_offset() const { return always_has_offset_; }
  // Whether its texts begin as in ISO 8601, with yyyy-MM-dd, or HH:mm without a date, so that none of them is
  // another time in another of its spellings.
  bool is_iso() const;

  // Returns nothing if the text does not match the pattern, or if there is no such date or time.
  std::optional<WrittenTime> Read(std::string_view text) const;

  enum class Part : uint8_t {
    kLiteral,
    kYear,       // four digits
    kShortYear,  // two, of the years 2000 to 2099
    kMonth,
    kMonthName,
    kDay,
    kWeekday,
    kHour,
    kHalfDayHour,  // 1 to 12
    kHalfDay,      // AM, PM
    kMinute,
    kSecond,
    kFraction,  // of a second
    kOffset,
    kUtc,       // a literal Z
    kOptional,  // the steps up to `end` may be left out
  };
  struct Step {
    Part part;
    char literal = '\0';
    uint8_t min_digits = 0;  // of numbers
    uint8_t max_digits = 0;
    size_t end = 0;  // kOptional
  };

 private:
  explicit TimePattern(std::vector<Step> steps);
  bool Has(Part part) const;
  bool IsComplete() const;

  std::vector<Step> steps_;
  bool has_date_ = false;
  bool has_clock_ = false;
  bool has_offset_ = false;
  bool always_has_offset_ = false;
};

}  // namespace forebay
