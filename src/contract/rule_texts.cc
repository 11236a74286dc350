#include "contract/rule_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace forebay {
namespace {

// "-12.50" of -1250 with two digits behind the point.
std::string DigitsText(__int128 unscaled, int32_t scale) {
  std::string digits;
  for (__int128 rest = unscaled; rest != 0; rest /= 10) {
    const auto digit = static_cast<int>(rest % 10);
    digits += static_cast<char>('0' + (digit < 0 ? -digit : digit));
  }
  while (digits.size() <= static_cast<size_t>(scale)) digits += '0';
  if (unscaled < 0) digits += '-';
  std::reverse(digits.begin(), digits.end());
  if (scale > 0) digits.insert(digits.size() - static_cast<size_t>(scale), 1, '.');
  return digits;
}

std::string BoundText(const Field& field, const Bound& bound) {
  switch (field.type) {
    case FieldType::kNumber:
      return fmt::format("{}", bound.number);
    case FieldType::kDate:
      return FormatDate(static_cast<int32_t>(bound.exact));
    case FieldType::kTime:
      return FormatTimeOfDay(static_cast<int64_t>(bound.exact));
    case FieldType::kTimestamp:
    case FieldType::kLocalTimestamp:
      return FormatTimestamp(static_cast<int64_t>(bound.exact));
    default:
      return DigitsText(bound.exact, field.scale);
  }
}

std::string_view TimestampFormatName(TimestampFormat format) {
  switch (format) {
    case TimestampFormat::kAny:
    case TimestampFormat::kPattern:
      return "";
    case TimestampFormat::kRfc3339:
      return "rfc3339";
    case TimestampFormat::kEpochSeconds:
      return "epoch-seconds";
    case TimestampFormat::kEpochMillis:
      return "epoch-millis";
    case TimestampFormat::kEpochMicros:
      return "epoch-micros";
    case TimestampFormat::kEpochNanos:
      return "epoch-nanos";
  }
  return "";
}

class Texts {
 public:
  explicit Texts(const Field& field) : field_(field) {}

  void Add(std::string_view rule, std::string text) {
    if (!text.empty()) texts_.emplace_back(rule, std::move(text));
  }
  void AddNumber(std::string_view rule, const std::optional<int64_t>& number) {
    if (number) Add(rule, fmt::format("{}", *number));
  }
  void AddBound(std::string_view rule, std::string_view exclusive, const std::optional<Bound>& bound) {
    if (bound) Add(bound->exclusive ? exclusive : rule, BoundText(field_, *bound));
  }
  std::vector<std::pair<std::string, std::string>> Release() { return std::move(texts_); }

 private:
  const Field& field_;
  std::vector<std::pair<std::string, std::string>> texts_;
};

}  // namespace

std::vector<std::string> EnumTexts(const Field& field) {
  std::vector<std::string> values = field.enum_values;
  for (const Bound& number : field.enum_numbers) values.push_back(BoundText(field, number));
  return values;
}

std::vector<std::pair<std::string, std::string>> RuleTexts(const Field& field) {
  const bool is_array = field.type == FieldType::kArray;
  Texts texts(field);
  texts.AddBound("minimum", "exclusiveMinimum", field.minimum);
  texts.AddBound("maximum", "exclusiveMaximum", field.maximum);
  texts.AddBound("multipleOf", "multipleOf", field.multiple_of);
  texts.Add("pattern", field.pattern);
  texts.AddNumber(is_array ? "minItems" : "minLength", field.min_length);
  texts.AddNumber(is_array ? "maxItems" : "maxLength", field.max_length);
  texts.Add("uniqueItems", field.unique_items ? "true" : "");
  texts.Add("format", field.format == TextFormat::kAny ? "" : std::string(TextFormatName(field.format)));
  texts.Add("format", field.time_pattern);
  texts.Add("format", std::string(TimestampFormatName(field.timestamp_format)));
  return texts.Release();
}

}  // namespace forebay
