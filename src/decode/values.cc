#include "decode/values.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "base/ascii.h"
#include "base/time.h"

namespace forebay {
namespace {

// The exponent after 'e', clamped: all exponents beyond a million have the same effect.
int64_t ParseExponent(std::string_view text) {
  bool negative = false;
  size_t i = 0;
  if (text[0] == '+' || text[0] == '-') {
    negative = text[0] == '-';
    i = 1;
  }
  int64_t value = 0;
  for (; i < text.size(); ++i) value = value < 100'000'000 ? value * 10 + (text[i] - '0') : value;
  return negative ? -value : value;
}

// The value of the two digits at p, or -1.
int TwoDigits(const char* p) {
  return IsDigit(p[0]) && IsDigit(p[1]) ? (p[0] - '0') * 10 + (p[1] - '0') : -1;
}

struct ClockTime {
  int hour, minute, second;
  int64_t fraction_micros;
};

// "12:34:56.789" at the beginning of `text`. Returns the number of characters read, or 0.
size_t ParseClock(std::string_view text, ClockTime* time) {
  if (text.size() < 8 || text[2] != ':' || text[5] != ':') return 0;
  *time = {TwoDigits(text.data()), TwoDigits(text.data() + 3), TwoDigits(text.data() + 6), 0};
  if (time->hour < 0 || time->hour > 23 || time->minute < 0 || time->minute > 59 || time->second < 0 ||
      time->second > 60) {
    return 0;
  }
  size_t i = 8;
  if (i < text.size() && text[i] == '.') {
    const size_t begin = ++i;
    int64_t unit = 100'000;
    for (; i < text.size() && IsDigit(text[i]); ++i, unit /= 10)
      time->fraction_micros += (text[i] - '0') * unit;
    if (i == begin) return 0;
  }
  return i;
}

// "Z" or "+05:30", all of `text`, as minutes east of UTC.
bool ParseOffset(std::string_view text, int* minutes) {
  if (text.size() == 1) {
    *minutes = 0;
    return text[0] == 'Z' || text[0] == 'z';
  }
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return false;
  const int hour = TwoDigits(text.data() + 1);
  const int minute = TwoDigits(text.data() + 4);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return false;
  *minutes = (hour * 60 + minute) * (text[0] == '-' ? -1 : 1);
  return true;
}

bool IsLastDayOfMonth(int32_t day) {
  const std::chrono::sys_days next(std::chrono::days(day + 1));
  return std::chrono::year_month_day(next).day() == std::chrono::day(1);
}

}  // namespace

ParsedAs ParseScaled(std::string_view text, int32_t scale, __int128* value) {
  const bool negative = text[0] == '-';
  size_t i = negative ? 1 : 0;
  __int128 digits = 0;      // the significant digits read so far
  int32_t digit_count = 0;  // of `digits`
  int64_t dropped = 0;      // digits after those that fit, all of them at the end
  bool dropped_nonzero = false;
  int64_t point = 0;  // number of digits read after the decimal point
  bool behind_point = false;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    if (text[i] == '.') {
      behind_point = true;
      continue;
    }
    if (behind_point) ++point;
    if (digit_count < kMaxDecimalDigits) {
      digits = digits * 10 + (text[i] - '0');
      if (digits != 0) ++digit_count;
    } else {
      ++dropped;
      dropped_nonzero = dropped_nonzero || text[i] != '0';
    }
  }
  *value = 0;
  if (digits == 0) return ParsedAs::kExact;
  const int64_t exponent = i < text.size() ? ParseExponent(text.substr(i + 1)) : 0;
  const int64_t shift =
      exponent - point + dropped + scale;  // value = digits * 10^shift, plus the dropped digits
  if (shift > kMaxDecimalDigits - digit_count) {
    *value = kPowersOfTen[kMaxDecimalDigits] * (negative ? -1 : 1);
    return ParsedAs::kOverflow;
  }
  if (shift >= 0) {
    *value = digits * kPowersOfTen[static_cast<size_t>(shift)] * (negative ? -1 : 1);
    return dropped_nonzero ? ParsedAs::kInexact : ParsedAs::kExact;
  }
  if (-shift > kMaxDecimalDigits) return ParsedAs::kInexact;
  const __int128 divisor = kPowersOfTen[static_cast<size_t>(-shift)];
  *value = digits / divisor * (negative ? -1 : 1);
  return digits % divisor != 0 || dropped_nonzero ? ParsedAs::kInexact : ParsedAs::kExact;
}

ParsedAs ParseDouble(std::string_view text, double* value) {
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  if (error == std::errc()) return ParsedAs::kExact;
  // std::from_chars reports too large and too small as the same error; the C library distinguishes them.
  *value = std::strtod(std::string(text).c_str(), nullptr);
  return std::isinf(*value) ? ParsedAs::kOverflow : ParsedAs::kExact;
}

bool ParseRfc3339(std::string_view text, int64_t* micros) {
  KnownDate known;
  return ParseRfc3339(text, &known, micros);
}

bool ParseRfc3339(std::string_view text, KnownDate* known, int64_t* micros) {
  constexpr size_t kDateSize = 10;
  if (text.size() < 20 || (text[kDateSize] != 'T' && text[kDateSize] != 't')) return false;
  if (std::memcmp(text.data(), known->text, kDateSize) != 0) {
    const auto day = ParseDate(text.substr(0, kDateSize));
    if (!day) return false;
    std::memcpy(known->text, text.data(), kDateSize);
    known->day = *day;
  }
  ClockTime time;
  const size_t clock_size = ParseClock(text.substr(11), &time);
  int offset_minutes = 0;
  if (clock_size == 0 || !ParseOffset(text.substr(11 + clock_size), &offset_minutes)) return false;
  const bool leap_second = time.second == 60;
  if (leap_second) {
    time.second = 59;
    time.fraction_micros = kMicrosPerSecond - 1;
  }
  const int64_t seconds = int64_t{known->day} * 86'400 + time.hour * 3600 + time.minute * 60 + time.second -
                          int64_t{offset_minutes} * 60;
  *micros = seconds * kMicrosPerSecond + time.fraction_micros;
  if (!InYears(*micros, kMicrosPerDay)) return false;
  if (!leap_second) [[likely]]
    return true;
  const int32_t day = DayOfMicros(*micros);
  return *micros == (int64_t{day} + 1) * kMicrosPerDay - 1 && IsLastDayOfMonth(day);
}

__int128 EpochMicros(std::string_view text, TimestampFormat format) {
  const int32_t scale = format == TimestampFormat::kEpochSeconds  ? 6
                        : format == TimestampFormat::kEpochMillis ? 3
                        : format == TimestampFormat::kEpochNanos  ? -3
                                                                  : 0;
  __int128 value = 0;
  const ParsedAs parsed = ParseScaled(text, scale, &value);
  // Towards the past, as for RFC 3339 text.
  return parsed == ParsedAs::kInexact && text[0] == '-' ? value - 1 : value;
}

void AppendDecimal(__int128 unscaled, int32_t scale, std::string* out) {
  const bool negative = unscaled < 0;
  unsigned __int128 rest =
      negative ? -static_cast<unsigned __int128>(unscaled) : static_cast<unsigned __int128>(unscaled);
  char text[48];
  char* const end = text + sizeof text;
  char* p = end;
  for (int32_t i = 0; rest != 0 || i <= scale; ++i) {
    if (i == scale && scale > 0) *--p = '.';
    *--p = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (negative) *--p = '-';
  out->append(p, end);
}

}  // namespace forebay
