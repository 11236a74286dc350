#include "contract/time_pattern.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "contract/time_pattern_parser.h"

namespace forebay {
namespace {

using Part = TimePattern::Part;
using Step = TimePattern::Step;

constexpr int kNone = -1;
constexpr int kFractionDigits = 6;
constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sunday",   "monday", "tuesday", "wednesday",
                                                       "thursday", "friday", "saturday"};
constexpr std::array<std::string_view, 2> kHalfDays = {"am", "pm"};

bool BeginsWith(std::string_view text, std::string_view name) {
  return text.size() >= name.size() &&
         std::equal(name.begin(), name.end(), text.begin(), [](char a, char b) { return a == LowerCase(b); });
}

// What has been read so far; kNone: nothing.
struct Reading {
  int year = kNone, month = kNone, day = kNone, weekday = kNone;
  int hour = kNone, half_day_hour = kNone, half_day = kNone, minute = 0, second = 0;
  int64_t fraction_micros = 0;
  bool exact = true;
  std::optional<int32_t> offset_minutes;
};

class Reader {
 public:
  Reader(const std::vector<Step>& steps, std::string_view text) : steps_(steps), text_(text) {}

  // Whether the rest of the text is written as the rest of the steps say. Optional steps are tried first with
  // what they stand for, and then without.
  bool Matches(size_t step, size_t at) {
    for (; step < steps_.size(); ++step) {
      if (steps_[step].part == Part::kOptional) {
        const Reading before = reading_;
        if (Matches(step + 1, at)) return true;
        reading_ = before;
        step = steps_[step].end - 1;
        continue;
      }
      const size_t size = ReadPart(steps_[step], text_.substr(at));
      if (size == 0) return false;
      at += size;
    }
    return at == text_.size();
  }

  std::optional<WrittenTime> Result(bool has_date) const;

 private:
  // Each returns the number of characters read; 0 if they are no such part.
  size_t ReadPart(const Step& step, std::string_view text);
  size_t ReadNumber(const Step& step, std::string_view text);
  size_t ReadFraction(const Step& step, std::string_view text);
  template <size_t kCount>
  size_t ReadName(const std::array<std::string_view, kCount>& names, std::string_view text, int* index) const;

  const std::vector<Step>& steps_;
  const std::string_view text_;
  Reading reading_;
};

size_t CountDigits(std::string_view text, size_t at_most) {
  size_t count = 0;
  while (count < std::min(at_most, text.size()) && IsDigit(text[count])) ++count;
  return count;
}

size_t Reader::ReadNumber(const Step& step, std::string_view text) {
  const size_t size = CountDigits(text, step.max_digits);
  if (size < step.min_digits) return 0;
  int value = 0;
  for (const char digit : text.substr(0, size)) value = value * 10 + (digit - '0');
  switch (step.part) {
    case Part::kYear:
      reading_.year = value;
      return size;
    case Part::kShortYear:
      reading_.year = 2000 + value;
      return size;
    case Part::kMonth:
      reading_.month = value;
      return size;
    case Part::kDay:
      reading_.day = value;
      return size;
    case Part::kHour:
      reading_.hour = value;
      return value < 24 ? size : 0;
    case Part::kHalfDayHour:
      reading_.half_day_hour = value;
      return value >= 1 && value <= 12 ? size : 0;
    case Part::kMinute:
      reading_.minute = value;
      return value < 60 ? size : 0;
    default:
      reading_.second = value;
      return value < 60 ? size : 0;
  }
}

size_t Reader::ReadFraction(const Step& step, std::string_view text) {
  const size_t size = CountDigits(text, step.max_digits);
  if (size < step.min_digits) return 0;
  std::string digits(text.substr(0, size));
  digits.resize(std::max<size_t>(size, kFractionDigits), '0');
  reading_.fraction_micros = std::stoll(digits.substr(0, kFractionDigits));
  reading_.exact = digits.find_first_not_of('0', kFractionDigits) == std::string::npos;
  return size;
}

// A name as a whole, or its first three letters.
template <size_t kCount>
size_t Reader::ReadName(const std::array<std::string_view, kCount>& names, std::string_view text,
                        int* index) const {
  constexpr size_t kShort = 3;
  for (size_t i = 0; i < names.size(); ++i) {
    for (const std::string_view name : {names[i], names[i].substr(0, kShort)}) {
      if (!BeginsWith(text, name)) continue;
      *index = static_cast<int>(i);
      return name.size();
    }
  }
  return 0;
}

size_t Reader::ReadPart(const Step& step, std::string_view text) {
  switch (step.part) {
    case Part::kLiteral:
      return text.starts_with(step.literal) ? 1 : 0;
    case Part::kUtc:
      reading_.offset_minutes = 0;
      return text.starts_with('Z') ? 1 : 0;
    case Part::kOffset: {
      size_t size = 0;
      reading_.offset_minutes = ParseUtcOffset(text, &size);
      return size;
    }
    case Part::kMonthName: {
      const size_t size = ReadName(kMonths, text, &reading_.month);
      ++reading_.month;
      return size;
    }
    case Part::kWeekday:
      return ReadName(kWeekdays, text, &reading_.weekday);
    case Part::kHalfDay:
      return ReadName(kHalfDays, text, &reading_.half_day);
    case Part::kFraction:
      return ReadFraction(step, text);
    default:
      return ReadNumber(step, text);
  }
}

std::optional<WrittenTime> Reader::Result(bool has_date) const {
  WrittenTime time;
  if (has_date) {
    const std::chrono::year_month_day date(std::chrono::year(reading_.year),
                                           std::chrono::month(static_cast<unsigned>(reading_.month)),
                                           std::chrono::day(static_cast<unsigned>(reading_.day)));
    if (!date.ok()) return std::nullopt;
    const std::chrono::sys_days days(date);
    const auto weekday = static_cast<int>(std::chrono::weekday(days).c_encoding());
    if (reading_.weekday != kNone && reading_.weekday != weekday) return std::nullopt;
    time.day = static_cast<int32_t>(days.time_since_epoch().count());
  }
  int hour = std::max(reading_.hour, 0);
  if (reading_.half_day_hour != kNone) {
    if (reading_.half_day == kNone) return std::nullopt;
    hour = reading_.half_day_hour % 12 + 12 * reading_.half_day;
  }
  const int64_t seconds = (hour * 60 + reading_.minute) * 60 + reading_.second;
  time.micros = seconds * kMicrosPerSecond + reading_.fraction_micros;
  time.offset_minutes = reading_.offset_minutes;
  time.exact = reading_.exact;
  return time;
}

}  // namespace

TimePattern::TimePattern(std::vector<Step> steps) : steps_(std::move(steps)) {
  has_date_ = Has(Part::kDay);
  has_offset_ = Has(Part::kOffset) || Has(Part::kUtc);
  for (size_t i = 0; i < steps_.size(); ++i) {
    const Part part = steps_[i].part;
    if (part == Part::kOptional) i = steps_[i].end - 1;
    has_clock_ |= part == Part::kHour || part == Part::kHalfDayHour;
    always_has_offset_ |= part == Part::kOffset || part == Part::kUtc;
  }
}

bool TimePattern::Has(Part part) const {
  return std::any_of(steps_.begin(), steps_.end(), [part](const Step& step) { return step.part == part; });
}

// A date is there as a whole, or not at all, and outside optional steps. What is finer than an hour needs
// what is coarser.
bool TimePattern::IsComplete() const {
  int years = 0, months = 0, days = 0;
  for (size_t i = 0; i < steps_.size(); ++i) {
    if (steps_[i].part == Part::kOptional) {
      i = steps_[i].end - 1;
      continue;
    }
    years += steps_[i].part == Part::kYear || steps_[i].part == Part::kShortYear;
    months += steps_[i].part == Part::kMonth || steps_[i].part == Part::kMonthName;
    days += steps_[i].part == Part::kDay;
  }
  const bool any_date = Has(Part::kYear) || Has(Part::kShortYear) || Has(Part::kMonth) ||
                        Has(Part::kMonthName) || Has(Part::kDay) || Has(Part::kWeekday);
  const bool whole_date = years == 1 && months == 1 && days == 1;
  const bool any_hour = Has(Part::kHour) || Has(Part::kHalfDayHour);
  if (any_date ? !whole_date : !has_clock_) return false;
  if (Has(Part::kHour) ? Has(Part::kHalfDayHour) || Has(Part::kHalfDay)
                       : Has(Part::kHalfDayHour) != Has(Part::kHalfDay))
    return false;
  return (any_hour || !Has(Part::kMinute)) && (Has(Part::kMinute) || !Has(Part::kSecond)) &&
         (Has(Part::kSecond) || !Has(Part::kFraction)) && (any_hour || !has_offset_);
}

std::optional<TimePattern> TimePattern::Compile(std::string_view pattern) {
  std::optional<std::vector<Step>> steps = ParseTimePattern(pattern);
  if (!steps) return std::nullopt;
  TimePattern compiled(*std::move(steps));
  return compiled.IsComplete() ? std::optional(std::move(compiled)) : std::nullopt;
}

bool TimePattern::is_iso() const {
  if (Has(Part::kHalfDayHour)) return false;
  std::string begin;  // y-M-d, or H:m
  for (const Step& step : steps_) {
    const bool two_digits = step.min_digits == 2 && step.max_digits == 2;
    begin += step.part == Part::kLiteral               ? step.literal
             : step.part == Part::kYear                ? 'y'
             : step.part == Part::kMonth && two_digits ? 'M'
             : step.part == Part::kDay && two_digits   ? 'd'
             : step.part == Part::kHour && two_digits  ? 'H'
             : step.part == Part::kMinute              ? 'm'
                                                       : '?';
  }
  return begin.starts_with(has_date_ ? "y-M-d" : "H:m");
}

std::optional<WrittenTime> TimePattern::Read(std::string_view text) const {
  Reader reader(steps_, text);
  return reader.Matches(0, 0) ? reader.Result(has_date_) : std::nullopt;
}

}  // namespace forebay
