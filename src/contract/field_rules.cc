#include "contract/field_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/quoted.h"
#include "base/time_zone.h"
#include "contract/bounds.h"
#include "contract/field_type.h"
#include "contract/pattern.h"
#include "contract/time_pattern.h"
#include "contract/vector_reader.h"

namespace forebay {
namespace {

using Names = std::span<const std::string_view>;

// The keys of logicalTypeOptions that Forebay checks, and ODCS keys that it does not check. The latter are
// noted: silently ignoring a rule would promise a check that never runs.
struct OptionKeys {
  Names checked;
  Names unchecked;
};

constexpr std::string_view kStringOptions[] = {"minLength", "maxLength", "pattern", "format"};
constexpr std::string_view kBoundOptions[] = {"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum",
                                              "format"};
constexpr std::string_view kNumberOptions[] = {"minimum",          "exclusiveMinimum", "maximum",
                                               "exclusiveMaximum", "format",           "multipleOf"};
constexpr std::string_view kArrayOptions[] = {"minItems", "maxItems", "uniqueItems"};
constexpr std::string_view kTimestampOptions[] = {
    "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "format", "timezone", "defaultTimezone"};
constexpr std::string_view kUncheckedTimeOptions[] = {"timezone", "defaultTimezone"};
constexpr std::string_view kObjectOptions[] = {"required"};  // read with the members
constexpr std::string_view kUncheckedObjectOptions[] = {"minProperties", "maxProperties"};

OptionKeys OptionKeysOf(FieldType type) {
  switch (type) {
    case FieldType::kString:
      return {kStringOptions, {}};
    case FieldType::kInteger:
    case FieldType::kNumber:
    case FieldType::kDecimal:
      return {kNumberOptions, {}};
    case FieldType::kDate:
      return {kBoundOptions, {}};
    case FieldType::kTime:
      return {kBoundOptions, kUncheckedTimeOptions};
    case FieldType::kTimestamp:
    case FieldType::kLocalTimestamp:
      return {kTimestampOptions, {}};
    case FieldType::kObject:
      return {kObjectOptions, kUncheckedObjectOptions};
    case FieldType::kArray:
      return {kArrayOptions, {}};
    case FieldType::kMap:
      return {{}, kUncheckedObjectOptions};
    case FieldType::kBoolean:
    case FieldType::kJson:
      return {};
  }
  return {};
}

void ReportUnchecked(const MapReader& options, Names unchecked, FieldType type) {
  for (const std::string_view key : unchecked) {
    if (!options.Has(key)) continue;
    if (type == FieldType::kTime) {
      options.Note(key, fmt::format("'{}' of a time is not used", key), "a time has no offset");
    } else {
      options.Note(key, fmt::format("the rule '{}' is not checked when records are landed", key),
                   "a 'quality' rule for datacontract-cli can check it");
    }
  }
}

std::optional<int64_t> ReadLength(const MapReader& options, std::string_view key) {
  const std::optional<int64_t> length = options.Integer(key);
  if (!length || *length >= 0) return length;
  options.Refuse(key, fmt::format("'{}' is {}", key, *length), "a length of at least 0 was expected");
  return std::nullopt;
}

void CheckLengthsDoNotCross(const MapReader& options, std::string_view min_key, std::string_view max_key,
                            const Field& field) {
  if (!field.min_length || !field.max_length || *field.min_length <= *field.max_length) return;
  options.Refuse(min_key,
                 fmt::format("{} {} is above {} {}", min_key, *field.min_length, max_key, *field.max_length),
                 fmt::format("a {} of at most {} was expected", min_key, max_key));
}

// VARCHAR(20) is a rule, too.
void ReadLengths(const MapReader& options, const PhysicalType& physical, Field& field) {
  field.min_length = ReadLength(options, "minLength");
  field.max_length = ReadLength(options, "maxLength");
  if (field.max_length && physical.length && *field.max_length > *physical.length) {
    options.Refuse("maxLength",
                   fmt::format("maxLength {} contradicts the physicalType, which has a length of {}",
                               *field.max_length, *physical.length),
                   "the same length was expected, or a smaller one");
  }
  if (!field.max_length) field.max_length = physical.length;
  CheckLengthsDoNotCross(options, "minLength", "maxLength", field);
}

void ReadPattern(const MapReader& options, Field& field) {
  const std::optional<std::string> pattern = options.Text("pattern");
  if (!pattern) return;
  if (pattern->empty()) {
    options.Refuse("pattern", "the pattern is empty", "a regular expression was expected, or no pattern");
    return;
  }
  const Result<Pattern> compiled = Pattern::Compile(*pattern);
  if (compiled.ok()) {
    field.pattern = *pattern;
    return;
  }
  options.Refuse(
      "pattern",
      fmt::format("the pattern {} does not compile: {}", Quoted(*pattern), compiled.error().message()),
      "a regular expression as in ECMA-262 was expected");
}

void ReadMultipleOf(const MapReader& options, Field& field) {
  if (!options.Has("multipleOf")) return;
  const std::optional<Bound> multiple = ReadNumber(options, "multipleOf", field);
  if (!multiple) return;
  if (multiple->exact > 0 || multiple->number > 0) {
    field.multiple_of = multiple;
  } else {
    options.Refuse("multipleOf", "'multipleOf' is not above zero", "a number above 0 was expected");
  }
}

void ReadItemRules(const MapReader& options, Field& field) {
  field.min_length = ReadLength(options, "minItems");
  field.max_length = ReadLength(options, "maxItems");
  CheckLengthsDoNotCross(options, "minItems", "maxItems", field);
  field.unique_items = options.Bool("uniqueItems").value_or(false);
}

// Whether each text is an instant by its format, or each number.
bool HasInstants(const Field& field) {
  return field.timestamp_format != TimestampFormat::kAny &&
         field.timestamp_format != TimestampFormat::kPattern;
}

void ReadDefaultZone(const MapReader& options, const std::string& zone, Field& field) {
  if (!IsTimeZoneName(zone)) {
    options.Refuse("defaultTimezone", fmt::format("defaultTimezone is {}", Quoted(zone)),
                   "an IANA name such as 'America/New_York' was expected");
  } else if (HasInstants(field)) {
    options.Note("defaultTimezone", "defaultTimezone is not used",
                 "in its format, each timestamp is an instant");
  } else {
    field.default_zone = zone;
  }
}

// Decides whether the timestamps of a field are instants or local ones. `options` may be null; `key` of `map`
// is what says that they have no time zone, if any does. REQUIRES: the format has been read.
void ReadLocality(const MapReader& map, std::string_view key, const MapReader* options, Field& field) {
  const std::optional<TimePattern> pattern = TimePattern::Compile(field.time_pattern);
  const bool has_offset = HasInstants(field) || (pattern && pattern->has_offset());
  if (!key.empty() && !has_offset) {
    field.type = FieldType::kLocalTimestamp;
  } else if (!key.empty()) {
    map.Note(key, fmt::format("{} says that its timestamps have no time zone, and their format has one", key),
             "the column has instants, in UTC");
  } else if (pattern && !pattern->always_has_offset()) {
    field.default_zone = "UTC";
    options->Note("format",
                  fmt::format("in its format, timestamps {} no offset", has_offset ? "may have" : "have"),
                  "they are taken in UTC, as ODCS says, unless 'defaultTimezone' of logicalTypeOptions names "
                  "another zone, or 'timezone: false' says that they are local");
  }
}

// `options`: null if the property has none.
void ReadTimezone(const MapReader& property, const MapReader* options, Field& field) {
  const std::optional<bool> has_zone = options != nullptr ? options->Bool("timezone") : std::nullopt;
  const std::optional<std::string> zone =
      options != nullptr ? options->Text("defaultTimezone") : std::nullopt;
  if (zone) return ReadDefaultZone(*options, *zone, field);
  if (has_zone == false) return ReadLocality(*options, "timezone", options, field);
  const char* const key = property.Has("physicalType") ? "physicalType" : "logicalType";
  const PhysicalType type = ParsePhysicalType(property.Text(key).value_or(""));
  const bool is_local = type.kind == PhysicalType::Kind::kLocalTimestamp && !has_zone;
  ReadLocality(property, is_local ? key : "", options, field);
}

void ReadOptions(const MapReader& property, Field& field) {
  const YamlNode* node = property.Map("logicalTypeOptions");
  const PhysicalType physical = PhysicalTypeOf(property);
  if (node == nullptr) {
    if (field.type == FieldType::kString) field.max_length = physical.length;
    if (field.type == FieldType::kTimestamp) ReadTimezone(property, nullptr, field);
    return;
  }
  const OptionKeys keys = OptionKeysOf(field.type);
  const MapReader options(
      *node, fmt::format("logicalTypeOptions of {} ({})", property.what(), FieldTypeName(field.type)),
      {keys.checked, keys.unchecked}, property.diagnostics());
  ReportUnchecked(options, keys.unchecked, field.type);
  ReadFormat(options, physical, field);
  if (field.type == FieldType::kString) {
    ReadLengths(options, physical, field);
    ReadPattern(options, field);
  }
  if (field.type == FieldType::kTimestamp) ReadTimezone(property, &options, field);
  if (HasBounds(field.type)) ReadBounds(options, field);
  if (IsNumeric(field.type)) ReadMultipleOf(options, field);
  if (field.type == FieldType::kArray) ReadItemRules(options, field);
}

constexpr std::string_view kEnumKeys[] = {"value"};
constexpr std::string_view kPassedEnumKeys[] = {
    "authoritativeDefinitions", "customProperties", "description", "id", "label", "tags"};

// The value as text, whatever type YAML sees in it: a country may be NO.
std::optional<std::string> ReadEnumText(const MapReader& entry) {
  const YamlNode* value = entry.Find("value");
  if (value != nullptr && value->kind == YamlKind::kScalar) return value->text;
  return entry.RequiredText("value", "a string");
}

void ReadEnumValue(const MapReader& property, const YamlNode& node, Field& field) {
  const std::string what = "enum of " + property.what();
  if (node.kind != YamlKind::kMap) {
    property.diagnostics().Add(node.line, fmt::format("{}: an entry is {}", what, DescribeNode(node)),
                               "'- value: ...' was expected");
    return;
  }
  const MapReader entry(node, what, {kEnumKeys, kPassedEnumKeys}, property.diagnostics());
  if (IsNumeric(field.type)) {
    if (const std::optional<Bound> number = ReadNumber(entry, "value", field))
      field.enum_numbers.push_back(*number);
    return;
  }
  const std::optional<std::string> value = ReadEnumText(entry);
  if (!value) return;
  const std::vector<std::string>& values = field.enum_values;
  if (std::find(values.begin(), values.end(), *value) != values.end()) {
    entry.Refuse("value", fmt::format("duplicate value {}", Quoted(*value)), "each value once was expected");
    return;
  }
  field.enum_values.push_back(*value);
}

void ReadEnum(const MapReader& property, Field& field) {
  const YamlNode* list = property.List("enum");
  if (list == nullptr) return;
  if (field.type != FieldType::kString && !IsNumeric(field.type)) {
    property.Note("enum", fmt::format("the enum of {} is not checked", FieldTypeName(field.type)),
                  "only those of strings and numbers are");
    return;
  }
  if (list->items.empty())
    property.Refuse("enum", "the enum is empty", "at least one '- value: ...' was expected");
  for (const YamlNodePtr& item : list->items) ReadEnumValue(property, *item, field);
}

}  // namespace

void ReadFieldRules(const MapReader& property, Field& field) {
  ReadEnum(property, field);
  if (!IsVector(property)) ReadOptions(property, field);
}

}  // namespace forebay
