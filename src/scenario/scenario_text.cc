#include "scenario/scenario_text.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/time.h"
#include "base/units.h"

namespace forebay {
namespace {

// The two digits at `at` as a number below `limit`.
std::optional<int64_t> TwoDigits(std::string_view text, size_t at, int64_t limit) {
  const char tens = text[at];
  const char ones = text[at + 1];
  if (tens < '0' || tens > '9' || ones < '0' || ones > '9') return std::nullopt;
  const int64_t value = (tens - '0') * 10 + (ones - '0');
  if (value >= limit) return std::nullopt;
  return value;
}

// "2025-10-30", "2025-10-30T06:00:00Z" or "now".
Result<int64_t> ParseInstantMs(const std::string& text) {
  if (text == "now") return WallClockMillis();
  const Error wrong = InvalidArgumentError(
      "'" + text + "' is not a time: write 2025-10-30, 2025-10-30T06:00:00Z (in UTC) or now");
  const std::optional<int32_t> day = ParseDate(std::string_view(text).substr(0, 10));
  if (!day) return wrong;
  if (text.size() == 10) return *day * kMillisPerDay;
  if (text.size() != 20 || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != 'Z')
    return wrong;
  const std::optional<int64_t> hours = TwoDigits(text, 11, 24);
  const std::optional<int64_t> minutes = TwoDigits(text, 14, 60);
  const std::optional<int64_t> seconds = TwoDigits(text, 17, 60);
  if (!hours || !minutes || !seconds) return wrong;
  return *day * kMillisPerDay + ((*hours * 60 + *minutes) * 60 + *seconds) * 1000;
}

// "12.5" clicks a second -> 12500, exactly.
Result<uint64_t> ParseRatePer1000Seconds(const std::string& text) {
  const Error wrong =
      InvalidArgumentError("'" + text +
                           "' is not a rate: write clicks a second with at most three decimals, "
                           "such as 2 or 12.5");
  const size_t point = std::min(text.find('.'), text.size());
  std::string digits = text.substr(0, point);
  std::string places = point < text.size() ? text.substr(point + 1) : "0";
  if (digits.empty() || places.empty() || places.size() > 3) return wrong;
  places.resize(3, '0');
  digits += places;
  uint64_t rate = 0;
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), rate);
  if (error != std::errc() || rest != digits.data() + digits.size()) return wrong;
  return rate;
}

}  // namespace

Result<ScenarioOptions> ReadScenarioText(const ScenarioText& text, uint64_t total_clicks) {
  ScenarioOptions options;
  options.seed = text.seed;
  options.clicks = total_clicks;
  FOREBAY_ASSIGN(options.faults, ParseFaultRates(text.faults));
  if (!text.event_start.empty()) {
    FOREBAY_ASSIGN(options.event_start_ms, ParseInstantMs(text.event_start));
  }
  if (!text.event_rate.empty()) {
    if (!text.event_span.empty())
      return InvalidArgumentError("--event-rate and --event-span exclude each other; give one");
    FOREBAY_ASSIGN(options.clicks_per_1000_seconds, ParseRatePer1000Seconds(text.event_rate));
  }
  if (!text.event_span.empty()) {
    if (total_clicks == 0) {
      return InvalidArgumentError(
          "--event-span needs a known number of records (--records); use --event-rate here");
    }
    FOREBAY_ASSIGN(options.event_span_ms, ReadDurationMs(text.event_span));
    if (options.event_span_ms == 0) return InvalidArgumentError("--event-span must be at least 1s");
  }
  return options;
}

}  // namespace forebay
