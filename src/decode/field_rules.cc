#include "decode/field_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "base/quoted.h"
#include "base/time.h"
#include "base/utf8.h"
#include "contract/bounds.h"
#include "decode/values.h"

namespace forebay {
namespace {

std::string_view TypeNoun(FieldType type) {
  switch (type) {
    case FieldType::kString:
      return "a string";
    case FieldType::kInteger:
      return "an integer";
    case FieldType::kNumber:
    case FieldType::kDecimal:
      return "a number";
    case FieldType::kBoolean:
      return "true or false";
    case FieldType::kDate:
      return "a date in a string";
    case FieldType::kTime:
      return "a time in a string";
    case FieldType::kTimestamp:
    case FieldType::kLocalTimestamp:
      return "a timestamp";
    case FieldType::kObject:
    case FieldType::kMap:
      return "an object";
    case FieldType::kJson:
      return "any value";
    case FieldType::kArray:
      return "an array";
  }
  return "";
}

ValueRange<__int128> TypeRange(const Field& field) {
  switch (field.type) {
    case FieldType::kInteger:
      if (field.bits == 32) return {INT32_MIN, INT32_MAX};
      return {INT64_MIN, INT64_MAX};
    case FieldType::kDecimal: {
      const __int128 limit = kPowersOfTen[static_cast<size_t>(field.precision)];
      return {1 - limit, limit - 1};
    }
    case FieldType::kDate:
      return {kFirstDay, kLastDay};
    case FieldType::kTime:
      return {0, kMicrosPerDay - 1};
    case FieldType::kTimestamp:
    case FieldType::kLocalTimestamp:
      return {kFirstDay * kMicrosPerDay, (kLastDay + 1) * kMicrosPerDay - 1};
    default:
      return {0, -1};
  }
}

ValueRange<__int128> WithinBounds(const Field& field, ValueRange<__int128> range) {
  if (field.minimum)
    range.min = std::max(range.min, field.minimum->exact + (field.minimum->exclusive ? 1 : 0));
  if (field.maximum)
    range.max = std::min(range.max, field.maximum->exact - (field.maximum->exclusive ? 1 : 0));
  return range;
}

// An exclusive bound excludes exactly the double itself.
ValueRange<double> NumberRange(const Field& field) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto inclusive = [](const Bound& bound, double towards) {
    return bound.exclusive ? std::nextafter(bound.number, towards) : bound.number;
  };
  return {field.minimum ? inclusive(*field.minimum, kInfinity) : -kInfinity,
          field.maximum ? inclusive(*field.maximum, -kInfinity) : kInfinity};
}

constexpr std::string_view kOutOfBounds = " is outside the contract's bounds";
constexpr std::string_view kNotListed = " is not one of the listed values";
constexpr std::string_view kNoMultiple = " is not a multiple of the contract's multipleOf";

bool IsText(FieldType type) {
  return type == FieldType::kString || type == FieldType::kJson;
}

// A double is a multiple if it is next to the double of one.
bool IsMultiple(double value, double of) {
  const double quotient = value / of;  // infinite: the doubles there lie further apart than the multiples
  const double nearest = std::nearbyint(quotient) * of;
  return std::isinf(quotient) || nearest == value || std::nextafter(nearest, value) == value;
}

// In the order in which nodes are numbered.
Status AppendRules(const SchemaNode& node, std::vector<FieldRules>* rules) {
  FOREBAY_ASSIGN(FieldRules compiled, FieldRules::Compile(node));
  rules->push_back(std::move(compiled));
  for (const SchemaNode& child : node.children) FOREBAY_TRY(AppendRules(child, rules));
  return Ok();
}

}  // namespace

FieldRules::FieldRules(const SchemaNode& node)
    : node_(&node),
      type_range_(TypeRange(*node.field)),
      range_(WithinBounds(*node.field, type_range_)),
      number_range_(NumberRange(*node.field)) {}

Result<FieldRules> FieldRules::Compile(const SchemaNode& node) {
  FieldRules rules(node);
  const Field& field = *node.field;
  if (!field.pattern.empty()) {
    FOREBAY_ASSIGN(Pattern pattern, Pattern::Compile(field.pattern));
    rules.pattern_ = std::move(pattern);
  }
  rules.time_pattern_ = TimePattern::Compile(field.time_pattern);
  if (!field.default_zone.empty()) {
    FOREBAY_ASSIGN(rules.default_zone_, TimeZone::Load(field.default_zone));
  }
  if (!field.pattern.empty() || !field.enum_values.empty() || field.format != TextFormat::kAny) {
    rules.accepted_ = std::make_unique<AcceptedTexts>();
  }
  return rules;
}

ValueRange<int64_t> FieldRules::int64_range() const {
  if (range_.min > range_.max || range_.min > INT64_MAX || range_.max < INT64_MIN) return {0, -1};
  return {static_cast<int64_t>(std::max<__int128>(range_.min, INT64_MIN)),
          static_cast<int64_t>(std::min<__int128>(range_.max, INT64_MAX))};
}

void FieldRules::AcceptNull(const FieldPath* path, RowBuilder& row) const {
  if (field().required) return row.RejectField(Reason::kMissingField, path, "required field is null");
  row.PushNull(*node_);
}

void FieldRules::RejectType(std::string_view found, const FieldPath* path, RowBuilder& row) const {
  row.RejectField(Reason::kWrongType, path,
                  fmt::format("expected {}, got {}", TypeNoun(field().type), found));
}

void FieldRules::AcceptString(std::string_view text, const FieldPath* path, RowBuilder& row) {
  const Field& rules = field();
  if (accepted_) {
    if (const auto known = accepted_->Find(text)) return row.Push(node_->index, Slot::String(text, *known));
  }
  int32_t code = -1;
  if (!rules.enum_values.empty()) {
    const auto found = std::find(rules.enum_values.begin(), rules.enum_values.end(), text);
    if (found == rules.enum_values.end()) {
      return row.RejectField(Reason::kNotInEnum, path, Quoted(text) + " is not one of the listed values");
    }
    code = static_cast<int32_t>(found - rules.enum_values.begin());
  }
  if (!CheckLength(text, path, row)) return;
  if (pattern_ && !pattern_->Matches(text)) {
    return row.RejectField(Reason::kPatternMismatch, path, Quoted(text) + " does not match " + rules.pattern);
  }
  if (!HasTextFormat(text, rules.format)) {
    return row.RejectField(Reason::kPatternMismatch, path,
                           fmt::format("{} is not {}", Quoted(text), TextFormatName(rules.format)));
  }
  if (accepted_) accepted_->Remember(text, code);
  row.Push(node_->index, Slot::String(text, code));
}

bool FieldRules::CheckLength(std::string_view text, const FieldPath* path, RowBuilder& row) const {
  const int64_t min = field().min_length.value_or(0);
  const int64_t max = field().max_length.value_or(INT64_MAX);
  // A text of n bytes has at most n and at least n/4 code points, so that most texts need no counting.
  const auto bytes = static_cast<int64_t>(text.size());
  if (bytes <= max && bytes / 4 >= min) return true;
  const int64_t length = CountCodePoints(text);
  if (length >= min && length <= max) return true;
  row.RejectField(
      Reason::kBadLength, path,
      fmt::format("{} has {} characters, expected {}", Quoted(text), length,
                  field().max_length ? fmt::format("{} to {}", min, max) : fmt::format("at least {}", min)));
  return false;
}

void FieldRules::AcceptJson(std::string_view json, RowBuilder& row) const {
  row.Push(node_->index, Slot::String(json));
}

void FieldRules::AcceptInteger(const ScaledNumber& number, const ValueSource& source, RowBuilder& row) const {
  if (!number.exact) {
    return row.RejectField(Reason::kWrongType, source.path,
                           "expected an integer, got " + TextOf(number.value, source));
  }
  if (!CheckRange(number.value, source, row) || !CheckNumber(number.value, source, row)) return;
  row.Push(node_->index, Slot::Int(static_cast<int64_t>(number.value)));
}

void FieldRules::AcceptDecimal(const ScaledNumber& number, const ValueSource& source, RowBuilder& row) const {
  if (!number.exact) {
    return row.RejectField(Reason::kOutOfRange, source.path,
                           fmt::format("{} has more than {} digits after the decimal point",
                                       TextOf(number.value, source), field().scale));
  }
  if (CheckRange(number.value, source, row) && CheckNumber(number.value, source, row))
    row.Push(node_->index, Slot::Decimal(number.value));
}

void FieldRules::AcceptTime(__int128 value, const ValueSource& source, RowBuilder& row) const {
  if (CheckRange(value, source, row)) row.Push(node_->index, Slot::Int(static_cast<int64_t>(value)));
}

void FieldRules::AcceptDouble(double value, const ValueSource& source, RowBuilder& row) const {
  const auto reject = [&](Reason reason, std::string_view why) {
    const std::string text = source.text.empty() ? fmt::format("{}", value) : std::string(source.text);
    row.RejectField(reason, source.path, Quoted(text).append(why));
  };
  if (!std::isfinite(value)) return reject(Reason::kOutOfRange, " does not fit a double");
  if (!number_range_.Contains(value)) return reject(Reason::kOutOfRange, kOutOfBounds);
  const std::vector<Bound>& listed = field().enum_numbers;
  const auto is_value = [&](const Bound& bound) { return bound.number == value; };
  if (!listed.empty() && std::none_of(listed.begin(), listed.end(), is_value))
    return reject(Reason::kNotInEnum, kNotListed);
  if (field().multiple_of && !IsMultiple(value, field().multiple_of->number))
    return reject(Reason::kOutOfRange, kNoMultiple);
  row.Push(node_->index, Slot::Double(value));
}

// The rules for integers and decimals beside the range.
bool FieldRules::CheckNumber(__int128 value, const ValueSource& source, RowBuilder& row) const {
  const std::vector<Bound>& listed = field().enum_numbers;
  const auto is_value = [&](const Bound& bound) { return bound.exact == value; };
  if (!listed.empty() && std::none_of(listed.begin(), listed.end(), is_value)) {
    row.RejectField(Reason::kNotInEnum, source.path, TextOf(value, source).append(kNotListed));
    return false;
  }
  if (!field().multiple_of || value % field().multiple_of->exact == 0) return true;
  row.RejectField(Reason::kOutOfRange, source.path, TextOf(value, source).append(kNoMultiple));
  return false;
}

void FieldRules::AcceptArray(int64_t count, const FieldPath* path, RowBuilder& row) const {
  const int64_t min = field().min_length.value_or(0);
  const int64_t max = field().max_length.value_or(INT64_MAX);
  if (count < min || count > max) {
    return row.RejectField(Reason::kBadLength, path,
                           fmt::format("{} elements, expected {}", count,
                                       field().max_length ? fmt::format("{} to {}", min, max)
                                                          : fmt::format("at least {}", min)));
  }
  if (field().unique_items && !row.rejected() && !AreUnique(count, row))
    return row.RejectField(Reason::kOutOfRange, path, "an element occurs more than once");
  row.EndArray(node_->index, count);
}

// REQUIRES: the elements have been pushed.
bool FieldRules::AreUnique(int64_t count, const RowBuilder& row) const {
  const SchemaNode& element = node_->children.front();
  std::set<std::string> seen;
  for (const Slot& slot : row.LastSlots(element.index, count)) {
    if (!seen.insert(slot.Identity(IsText(element.field->type))).second) return false;
  }
  return true;
}

bool FieldRules::CheckRange(__int128 value, const ValueSource& source, RowBuilder& row) const {
  if (range_.Contains(value)) [[likely]]
    return true;
  if (type_range_.Contains(value)) {
    row.RejectField(Reason::kOutOfRange, source.path, TextOf(value, source).append(kOutOfBounds));
  } else {
    const bool is_time = !IsNumeric(field().type);
    row.RejectField(is_time ? Reason::kBadTimestamp : Reason::kOutOfRange, source.path,
                    TextOf(value, source) + Misfit());
  }
  return false;
}

// Why a value is outside type_range_.
std::string FieldRules::Misfit() const {
  switch (field().type) {
    case FieldType::kInteger:
      return fmt::format(" does not fit {} bits", field().bits);
    case FieldType::kDecimal:
      return fmt::format(" has more than {} digits{}", field().precision - field().scale,
                         field().scale > 0 ? " before the decimal point" : "");
    default:
      return " is not a time in the years 0000 to 9999";
  }
}

std::string FieldRules::TextOf(__int128 value, const ValueSource& source) const {
  if (!source.text.empty()) return Quoted(source.text);
  const bool formattable = type_range_.Contains(value);
  if (formattable && field().type == FieldType::kDate) return Quoted(FormatDate(static_cast<int32_t>(value)));
  if (formattable && field().type == FieldType::kTime)
    return Quoted(FormatTimeOfDay(static_cast<int64_t>(value)));
  if (formattable && !IsNumeric(field().type)) return Quoted(FormatTimestamp(static_cast<int64_t>(value)));
  std::string text;
  AppendDecimal(value, field().scale, &text);
  return Quoted(text);
}

Result<std::vector<FieldRules>> CompileRules(const SchemaTree& schema) {
  std::vector<FieldRules> rules;
  rules.reserve(schema.node_count);
  FOREBAY_TRY(AppendRules(*schema.root, &rules));
  return rules;
}

}  // namespace forebay
