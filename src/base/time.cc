#include "base/time.h"

#include <sys/timex.h>

#include <chrono>
#include <cstdio>

#include "base/ascii.h"
#include "base/assert.h"

namespace forebay {

int32_t DayOfMicros(int64_t micros) {
  return static_cast<int32_t>(
      std::chrono::floor<std::chrono::days>(std::chrono::microseconds(micros)).count());
}
int32_t DayOfMillis(int64_t millis) {
  return static_cast<int32_t>(
      std::chrono::floor<std::chrono::days>(std::chrono::milliseconds(millis)).count());
}

std::string FormatDate(int32_t days) {
  FOREBAY_ASSERT(InYears(days, 1));
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

std::string FormatTimeOfDay(int64_t micros) {
  FOREBAY_ASSERT(micros >= 0 && micros < kMicrosPerDay);
  const int fraction = static_cast<int>(micros % kMicrosPerSecond);
  const int64_t rest = micros / kMicrosPerSecond;
  char text[32];
  int n = std::snprintf(text, sizeof text, "%02d:%02d:%02d", static_cast<int>(rest / 3600),
                        static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  if (fraction % 1000 != 0) {
    n += std::snprintf(text + n, sizeof text - n, ".%06d", fraction);
  } else if (fraction != 0) {
    n += std::snprintf(text + n, sizeof text - n, ".%03d", fraction / 1000);
  }
  return text;
}

std::string FormatTimestamp(int64_t micros) {
  const int32_t day = DayOfMicros(micros);
  return FormatDate(day) + "T" + FormatTimeOfDay(micros - int64_t{day} * kMicrosPerDay) + "Z";
}

std::optional<int32_t> ParseDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  unsigned parts[3] = {0, 0, 0};
  int part = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == 4 || i == 7) {
      ++part;
      continue;
    }
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    parts[part] = parts[part] * 10 + static_cast<unsigned>(text[i] - '0');
  }
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(parts[0])),
                                         std::chrono::month(parts[1]), std::chrono::day(parts[2]));
  if (!date.ok()) return std::nullopt;
  return static_cast<int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
}

std::optional<int64_t> ParseTimeOfDay(std::string_view text) {
  const auto two_digits = [&](size_t at) {
    const bool digits = text[at] >= '0' && text[at] <= '9' && text[at + 1] >= '0' && text[at + 1] <= '9';
    return digits ? (text[at] - '0') * 10 + (text[at + 1] - '0') : 99;
  };
  const bool has_seconds = text.size() >= 8 && text[5] == ':';
  if ((text.size() != 5 && !has_seconds) || text[2] != ':') return std::nullopt;
  const int seconds = has_seconds ? two_digits(6) : 0;
  if (two_digits(0) > 23 || two_digits(3) > 59 || seconds > 59) return std::nullopt;
  int64_t micros = (two_digits(0) * 3600 + two_digits(3) * 60 + seconds) * kMicrosPerSecond;
  if (text.size() <= 8) return micros;
  if (text.size() == 9 || text[8] != '.') return std::nullopt;
  int64_t unit = kMicrosPerSecond / 10;
  for (const char digit : text.substr(9)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    micros += (digit - '0') * unit;
    unit /= 10;
  }
  return micros;
}

std::optional<int32_t> ParseUtcOffset(std::string_view text, size_t* size) {
  for (const std::string_view utc : {"UTC", "GMT", "Z", "z"}) {
    if (!text.starts_with(utc)) continue;
    *size = utc.size();
    return 0;
  }
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto is_digit = [&](size_t at) { return at < text.size() && IsDigit(text[at]); };
  const auto two_digits = [&](size_t at) {
    return is_digit(at) && is_digit(at + 1) ? (text[at] - '0') * 10 + (text[at + 1] - '0') : -1;
  };
  const size_t separator = text.size() > 3 && text[3] == ':' ? 1 : 0;
  const bool has_minutes = separator == 1 || is_digit(3);
  const int hours = two_digits(1);
  const int minutes = has_minutes ? two_digits(3 + separator) : 0;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  *size = has_minutes ? 5 + separator : 3;
  return (hours * 60 + minutes) * (text[0] == '-' ? -1 : 1);
}

int64_t WallClockMillis() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch())
      .count();
}

bool WallClockIsSynchronized() {
  struct timex state = {};  // no modes: only asks
  const int outcome = adjtimex(&state);
  return outcome >= 0 && outcome != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

double MonotonicSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace forebay
