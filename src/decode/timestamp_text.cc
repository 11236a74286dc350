#include "decode/timestamp_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/ascii.h"
#include "base/time.h"
#include "base/trim.h"
#include "decode/record.h"
#include "decode/values.h"

namespace forebay {
namespace {

constexpr size_t kDateSize = 10;

// Returns "+05:30" for "+0530", and "Z" for "UTC"; "" if the text does not begin with an offset. Sets `rest`
// to the text behind it.
std::string ReadOffset(std::string_view text, std::string_view* rest) {
  size_t size = 0;
  const std::optional<int32_t> minutes = ParseUtcOffset(text, &size);
  if (!minutes) return "";
  *rest = text.substr(size);
  if (*minutes == 0) return "Z";
  const int32_t distance = std::abs(*minutes);
  return fmt::format("{}{:02}:{:02}", *minutes < 0 ? '-' : '+', distance / 60, distance % 60);
}

// Java's "[Europe/Berlin]", and Go's " CET" or " +0100": the offset says it all.
bool IsZoneName(std::string_view text) {
  if (text.empty()) return true;
  if (text.front() == '[') return text.size() > 2 && text.find(']') == text.size() - 1;
  if (text.front() != ' ' || text.size() < 2) return false;
  return std::all_of(text.begin() + 1, text.end(), IsLetter);
}

}  // namespace

TimestampReading ParseTimestamp(std::string_view text, int64_t* micros) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), IsDigit)) {
    const std::optional<int64_t> epoch = text[0] == '0' ? std::nullopt : ParseEpoch(text);
    *micros = epoch.value_or(0);
    return epoch ? TimestampReading::kUtcInstant : TimestampReading::kNone;
  }
  constexpr size_t kShortest = 16;  // "2025-10-30 18:04"
  const char separator = text.size() < kShortest ? '\0' : text[kDateSize];
  if (separator != 'T' && separator != 't' && separator != ' ') return TimestampReading::kNone;
  const std::string_view after = text.substr(kDateSize + 1);
  const size_t clock_size = std::min(after.find_first_not_of("0123456789:."), after.size());
  std::string normal(text.substr(0, kDateSize));
  normal += 'T';
  normal += after.substr(0, clock_size);
  if (clock_size == 5) normal += ":00";
  std::string_view rest = after.substr(clock_size);
  if (rest.empty())
    return ParseRfc3339(normal + "Z", micros) ? TimestampReading::kNoOffset : TimestampReading::kNone;
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const std::string offset = ReadOffset(rest, &rest);
  const bool is_one = !offset.empty() && IsZoneName(rest) && ParseRfc3339(normal + offset, micros);
  if (!is_one) return TimestampReading::kNone;
  return offset == "Z" ? TimestampReading::kUtcInstant : TimestampReading::kInstant;
}

std::optional<int64_t> ParseEpoch(std::string_view number) {
  constexpr __int128 kFirst = __int128{kFirstKafkaTimestampMs} * 1000;
  constexpr __int128 kEnd = __int128{kEndKafkaTimestampMs} * 1000;
  for (const TimestampFormat unit : {TimestampFormat::kEpochSeconds, TimestampFormat::kEpochMillis,
                                     TimestampFormat::kEpochMicros, TimestampFormat::kEpochNanos}) {
    const __int128 micros = EpochMicros(number, unit);
    if (micros >= kFirst && micros < kEnd) return static_cast<int64_t>(micros);
  }
  return std::nullopt;
}

}  // namespace forebay
