#include "base/time.h"

#include <chrono>
#include <cstdio>

#include "base/assert.h"

namespace forebay {

int32_t DaysFromCivil(CivilDate date) {
  const int32_t y = date.year - (date.month <= 2 ? 1 : 0);
  const int32_t era = (y >= 0 ? y : y - 399) / 400;
  const int32_t year_of_era = y - era * 400;
  const int32_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  const int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

CivilDate CivilFromDays(int32_t days) {
  const int32_t z = days + 719468;
  const int32_t era = (z >= 0 ? z : z - 146096) / 146097;
  const int32_t day_of_era = z - era * 146097;
  const int32_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int32_t mp = (5 * day_of_year + 2) / 153;
  const int32_t month = mp < 10 ? mp + 3 : mp - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day_of_year - (153 * mp + 2) / 5 + 1};
}

bool IsValidDate(CivilDate date) {
  if (date.month < 1 || date.month > 12 || date.day < 1) return false;
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (date.year % 4 == 0 && date.year % 100 != 0) || date.year % 400 == 0;
  return date.day <= kDays[date.month - 1] + (date.month == 2 && leap ? 1 : 0);
}

namespace {

int64_t FloorDiv(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

int32_t DayOfMicros(int64_t micros) {
  return static_cast<int32_t>(FloorDiv(micros, kMicrosPerDay));
}
int32_t DayOfMillis(int64_t millis) {
  return static_cast<int32_t>(FloorDiv(millis, kMillisPerDay));
}

std::string FormatDate(int32_t days) {
  const CivilDate date = CivilFromDays(days);
  FOREBAY_ASSERT(date.year >= 0 && date.year <= 9999);
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
  return text;
}

std::string FormatTimestamp(int64_t micros) {
  const int32_t day = DayOfMicros(micros);
  int64_t rest = micros - int64_t{day} * kMicrosPerDay;
  const int fraction = static_cast<int>(rest % kMicrosPerSecond);
  rest /= kMicrosPerSecond;
  char text[32];
  int n = std::snprintf(text, sizeof text, "T%02d:%02d:%02d", static_cast<int>(rest / 3600),
                        static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  if (fraction % 1000 != 0) {
    n += std::snprintf(text + n, sizeof text - n, ".%06d", fraction);
  } else if (fraction != 0) {
    n += std::snprintf(text + n, sizeof text - n, ".%03d", fraction / 1000);
  }
  return FormatDate(day) + text + "Z";
}

std::optional<int32_t> ParseDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  int32_t parts[3] = {0, 0, 0};
  int part = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == 4 || i == 7) {
      ++part;
      continue;
    }
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    parts[part] = parts[part] * 10 + (text[i] - '0');
  }
  const CivilDate date{parts[0], parts[1], parts[2]};
  if (!IsValidDate(date)) return std::nullopt;
  return DaysFromCivil(date);
}

int64_t WallClockMillis() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch())
      .count();
}

double MonotonicSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace forebay
