#include "contract/bounds.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <iterator>
#include <vector>

#include "base/quoted.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "contract/field_type.h"
#include "contract/time_pattern.h"

namespace forebay {
namespace {

enum class Exactness { kExact, kNotDigits, kTooFine, kTooLarge };

__int128 PowerOfTen(int exponent) {
  __int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// Parses "-12.5" at scale 2 as -1250. Accepts digits and at most one point; 38 digits fit.
Exactness ParseExact(std::string_view text, int scale, __int128& value) {
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction = point == std::string_view::npos ? "" : text.substr(point + 1);
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  std::string digits = std::string(whole) + std::string(fraction);
  if (digits.find_first_not_of("0123456789") != std::string::npos) return Exactness::kNotDigits;
  if (fraction.size() > static_cast<size_t>(scale)) return Exactness::kTooFine;
  digits.append(static_cast<size_t>(scale) - fraction.size(), '0');
  const size_t first = digits.find_first_not_of('0');
  digits.erase(0, first == std::string::npos ? digits.size() : first);
  if (digits.size() > 38) return Exactness::kTooLarge;
  __int128 magnitude = 0;
  for (const char digit : digits) magnitude = magnitude * 10 + (digit - '0');
  value = negative ? -magnitude : magnitude;
  return Exactness::kExact;
}

// The spellings of bounds beside the field's own one.
constexpr std::string_view kDateAndTime[] = {"yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm[:ss[.SSSSSS]][ ][X]",
                                             "yyyy-MM-dd HH:mm[:ss[.SSSSSS]][ ][X]"};

std::optional<WrittenTime> ReadWritten(std::string_view text, const Field& field) {
  std::vector<std::string_view> spellings = {field.time_pattern};
  if (field.type != FieldType::kTime)
    spellings.insert(spellings.end(), std::begin(kDateAndTime), std::end(kDateAndTime));
  for (const std::string_view spelling : spellings) {
    const std::optional<TimePattern> pattern = TimePattern::Compile(spelling);
    const std::optional<WrittenTime> time = pattern ? pattern->Read(text) : std::nullopt;
    if (time && time->exact) return time;
  }
  return std::nullopt;
}

// An instant that a column can hold. Nothing: another zone's calendar shows a year from 0 to 9999, UTC's does
// not.
std::optional<int64_t> Instant(int64_t micros) {
  return InYears(micros, kMicrosPerDay) ? std::optional(micros) : std::nullopt;
}

// In the field's units. A timestamp without an offset is one of the field's default zone, or else of UTC.
std::optional<int64_t> ParseTimeBound(std::string_view text, const Field& field) {
  if (field.type == FieldType::kTime) {
    if (const std::optional<int64_t> time = ParseTimeOfDay(text)) return time;
  }
  const std::optional<WrittenTime> time = ReadWritten(text, field);
  if (!time) return std::nullopt;
  const int64_t local = time->LocalMicros();
  const int64_t offset_micros = time->offset_minutes.value_or(0) * 60 * kMicrosPerSecond;
  switch (field.type) {
    case FieldType::kDate:
      return time->micros == 0 && !time->offset_minutes ? std::optional<int64_t>(time->day) : std::nullopt;
    case FieldType::kTime:
      return time->micros;
    case FieldType::kLocalTimestamp:
      return offset_micros == 0 ? std::optional(local) : std::nullopt;
    default:
      break;
  }
  if (time->offset_minutes) return Instant(local - offset_micros);
  // A machine that does not know the zone decodes no record of the field.
  const Result<TimeZone> zone = TimeZone::Load(field.default_zone);
  return Instant(zone.ok() ? zone->FirstInstantOf(local) : local);
}

std::optional<Bound> ReadNumberBound(const MapReader& options, std::string_view key, const YamlNode& node) {
  double number = 0;
  const char* begin = node.text.data() + (node.text.front() == '+' ? 1 : 0);
  const auto [rest, error] = std::from_chars(begin, node.text.data() + node.text.size(), number);
  if (error == std::errc() && std::isfinite(number)) return Bound{0, number, false};
  options.Refuse(key, fmt::format("'{}' is {}, too large for a double", key, node.text),
                 "a smaller number was expected");
  return std::nullopt;
}

// Reads a bound of an integer (scale 0) or of a decimal.
std::optional<Bound> ReadExactBound(const MapReader& options, std::string_view key, const YamlNode& node,
                                    const Field& field) {
  const bool integer = field.type == FieldType::kInteger;
  Bound bound;
  switch (ParseExact(node.text, field.scale, bound.exact)) {
    case Exactness::kExact:
      break;
    case Exactness::kNotDigits:
      options.Refuse(key, fmt::format("'{}' is {}", key, node.text),
                     "plain digits were expected, without an exponent");
      return std::nullopt;
    case Exactness::kTooFine:
      options.Refuse(key, fmt::format("'{}' is {}", key, node.text),
                     integer
                         ? "a whole number was expected, as the field is an integer"
                         : fmt::format("at most {} digits after the point were expected, as the field has",
                                       field.scale));
      return std::nullopt;
    case Exactness::kTooLarge:
      options.Refuse(key, fmt::format("'{}' is {}", key, node.text),
                     "a number of at most 38 digits was expected");
      return std::nullopt;
  }
  const __int128 limit = integer ? static_cast<__int128>(1) << (field.bits - 1) : PowerOfTen(field.precision);
  const bool fits = bound.exact < limit && bound.exact >= (integer ? -limit : -limit + 1);
  if (fits) return bound;
  options.Refuse(key, fmt::format("'{}' is {}, which the field cannot hold", key, node.text),
                 integer ? fmt::format("an integer of {} bits was expected", field.bits)
                         : fmt::format("a DECIMAL({},{}) was expected", field.precision, field.scale));
  return std::nullopt;
}

std::optional<Bound> ReadTimeBound(const MapReader& options, std::string_view key, const Field& field) {
  const std::optional<std::string> text = options.Text(key);
  if (!text) return std::nullopt;
  const std::optional<int64_t> exact = ParseTimeBound(*text, field);
  const char* expected = "a timestamp such as \"2020-01-31T00:00:00Z\" was expected";
  if (field.type == FieldType::kDate) expected = "a date such as \"2020-01-31\" was expected";
  if (field.type == FieldType::kTime) expected = "a time such as \"08:30:00\" was expected";
  if (field.type == FieldType::kLocalTimestamp) expected = "a timestamp without an offset was expected";
  if (exact) return Bound{*exact, 0, false};
  options.Refuse(key, fmt::format("'{}' is {}", key, Quoted(*text)), expected);
  return std::nullopt;
}

std::optional<Bound> ReadBound(const MapReader& options, std::string_view key, const Field& field) {
  if (options.Find(key) == nullptr) return std::nullopt;
  return IsNumeric(field.type) ? ReadNumber(options, key, field) : ReadTimeBound(options, key, field);
}

// Reads one end of the range: inclusive or exclusive, not both. In ODCS before v3.1, the exclusive key was a
// boolean that applies to the inclusive one.
std::optional<Bound> ReadEnd(const MapReader& options, std::string_view inclusive, std::string_view exclusive,
                             const Field& field) {
  std::optional<Bound> bound = ReadBound(options, inclusive, field);
  const YamlNode* node = options.Find(exclusive);
  if (const std::optional<bool> applies = node != nullptr ? AsBool(*node) : std::nullopt) {
    if (bound) bound->exclusive = *applies;
    return bound;
  }
  std::optional<Bound> exclusive_bound = ReadBound(options, exclusive, field);
  if (options.Has(inclusive) && options.Has(exclusive)) {
    options.Refuse(exclusive, fmt::format("both '{}' and '{}' are set", inclusive, exclusive),
                   "one of them was expected");
  }
  if (!exclusive_bound) return bound;
  exclusive_bound->exclusive = true;
  return exclusive_bound;
}

bool IsEmptyRange(const Field& field) {
  const Bound& low = *field.minimum;
  const Bound& high = *field.maximum;
  const bool open = low.exclusive || high.exclusive;
  if (field.type == FieldType::kNumber)
    return low.number > high.number || (open && low.number == high.number);
  const __int128 first = low.exact + (low.exclusive ? 1 : 0);
  const __int128 last = high.exact - (high.exclusive ? 1 : 0);
  return first > last;
}

}  // namespace

bool IsNumeric(FieldType type) {
  return type == FieldType::kInteger || type == FieldType::kNumber || type == FieldType::kDecimal;
}

std::optional<Bound> ReadNumber(const MapReader& map, std::string_view key, const Field& field) {
  const YamlNode* node = map.Find(key);
  if (node == nullptr || !IsNumber(*node)) {
    map.Refuse(key, fmt::format("'{}' is {}", key, node == nullptr ? "missing" : DescribeNode(*node)),
               "a number was expected, without quotes");
    return std::nullopt;
  }
  if (field.type == FieldType::kNumber) return ReadNumberBound(map, key, *node);
  return ReadExactBound(map, key, *node, field);
}

bool HasBounds(FieldType type) {
  return IsNumeric(type) || type == FieldType::kDate || type == FieldType::kTime ||
         type == FieldType::kTimestamp || type == FieldType::kLocalTimestamp;
}

void ReadBounds(const MapReader& options, Field& field) {
  const std::optional<Bound> low = ReadEnd(options, "minimum", "exclusiveMinimum", field);
  const std::optional<Bound> high = ReadEnd(options, "maximum", "exclusiveMaximum", field);
  // A narrow integer has bounds already.
  if (low && (!field.minimum || field.minimum->exact <= low->exact)) field.minimum = low;
  if (high && (!field.maximum || field.maximum->exact >= high->exact)) field.maximum = high;
  if (!low || !high || !IsEmptyRange(field)) return;
  const char* minimum = field.minimum->exclusive ? "exclusiveMinimum" : "minimum";
  const char* maximum = field.maximum->exclusive ? "exclusiveMaximum" : "maximum";
  options.Refuse(minimum,
                 fmt::format("no value lies between '{}' {} and '{}' {}", minimum,
                             options.Find(minimum)->text, maximum, options.Find(maximum)->text),
                 "bounds with a value between them were expected");
}

}  // namespace forebay
