#include "contract/field_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/quoted.h"
#include "base/trim.h"

namespace forebay {
namespace {

constexpr int kMaxPrecision = 38;

struct LogicalType {
  std::string_view name;
  FieldType type;
  std::string_view physical;  // valid spellings of physicalType, for messages
};

constexpr LogicalType kLogicalTypes[] = {
    {"string", FieldType::kString, "VARCHAR, STRING or TEXT"},
    {"integer", FieldType::kInteger, "INTEGER or INT (32 bits), BIGINT or LONG (64 bits)"},
    {"number", FieldType::kNumber, "DOUBLE, or DECIMAL(p,s) for exact decimals"},
    {"boolean", FieldType::kBoolean, "BOOLEAN"},
    {"date", FieldType::kDate, "DATE"},
    {"timestamp", FieldType::kTimestamp, "timestamp_tz"},
    {"object", FieldType::kObject, "STRUCT or OBJECT"},
    {"array", FieldType::kArray, "ARRAY or LIST"},
};

constexpr std::string_view kLogicalTypeNames =
    "string, integer, number, boolean, date, timestamp, object or array";

// A parsed physicalType: "DECIMAL(12, 2)" is DECIMAL with 12 and 2.
struct PhysicalType {
  std::string name;  // upper case
  std::vector<int> parameters;
};

std::optional<int> ParseParameter(std::string_view text) {
  int value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || rest != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<PhysicalType> ParsePhysicalType(std::string_view text) {
  PhysicalType physical;
  const size_t open = text.find('(');
  physical.name = Trim(text.substr(0, open));
  for (char& c : physical.name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (open == std::string_view::npos) return physical;
  std::string_view rest = text.substr(open + 1);
  if (rest.empty() || rest.back() != ')') return std::nullopt;
  rest.remove_suffix(1);
  while (true) {
    const size_t comma = rest.find(',');
    const std::optional<int> parameter = ParseParameter(Trim(rest.substr(0, comma)));
    if (!parameter) return std::nullopt;
    physical.parameters.push_back(*parameter);
    if (comma == std::string_view::npos) return physical;
    rest.remove_prefix(comma + 1);
  }
}

bool IsOneOf(const std::string& name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool ReadDecimal(const MapReader& property, const PhysicalType& physical, Field& field) {
  const std::vector<int>& parameters = physical.parameters;
  if (parameters.empty() || parameters.size() > 2) {
    property.Refuse("physicalType", fmt::format("{} without precision and scale is not exact", physical.name),
                    fmt::format("{0}(p,s) was expected, such as {0}(12,2)", physical.name));
    return false;
  }
  field.type = FieldType::kDecimal;
  field.precision = parameters[0];
  field.scale = parameters.size() == 2 ? parameters[1] : 0;
  if (field.precision >= 1 && field.precision <= kMaxPrecision && field.scale <= field.precision) return true;
  property.Refuse(
      "physicalType",
      fmt::format("{}({},{}) is not a valid decimal", physical.name, field.precision, field.scale),
      fmt::format("a precision of 1 to {} and a scale of 0 to the precision were expected", kMaxPrecision));
  return false;
}

// VARCHAR(20) promises a length, but only maxLength is checked. The two must agree.
bool CheckTextLength(const MapReader& property, int length) {
  const YamlNode* options = property.Find("logicalTypeOptions");
  if (options != nullptr && options->kind == YamlKind::kMap) {
    for (const YamlMember& option : options->members) {
      const std::optional<int64_t> max_length = AsInteger(*option.value);
      if (option.key == "maxLength" && max_length && *max_length <= length) return true;
    }
  }
  property.Refuse("physicalType", fmt::format("a length of {} in the physical type is not checked", length),
                  fmt::format("'maxLength: {}' in logicalTypeOptions was expected", length));
  return false;
}

bool ReadNumberType(const MapReader& property, const PhysicalType& physical, Field& field) {
  if (IsOneOf(physical.name, {"DECIMAL", "NUMERIC"})) return ReadDecimal(property, physical, field);
  return IsOneOf(physical.name, {"DOUBLE", "FLOAT64"}) && physical.parameters.empty();
}

// Whether the physical type fits the field. If it returns false without a diagnostic, the caller must report
// the expected types.
bool FitsPhysicalType(const MapReader& property, const PhysicalType& physical, Field& field) {
  const bool plain = physical.parameters.empty();
  switch (field.type) {
    case FieldType::kString:
      if (IsOneOf(physical.name, {"VARCHAR"}) && physical.parameters.size() == 1) {
        return CheckTextLength(property, physical.parameters[0]);
      }
      return plain && IsOneOf(physical.name, {"VARCHAR", "STRING", "TEXT"});
    case FieldType::kInteger:
      field.bits = IsOneOf(physical.name, {"INTEGER", "INT"}) ? 32 : 64;
      return plain && IsOneOf(physical.name, {"INTEGER", "INT", "BIGINT", "LONG"});
    case FieldType::kNumber:
    case FieldType::kDecimal:
      return ReadNumberType(property, physical, field);
    case FieldType::kBoolean:
      return plain && IsOneOf(physical.name, {"BOOLEAN", "BOOL"});
    case FieldType::kDate:
      return plain && physical.name == "DATE";
    case FieldType::kTimestamp:
      return plain && IsOneOf(physical.name, {"TIMESTAMP_TZ", "TIMESTAMPTZ"});
    case FieldType::kObject:
      return plain && IsOneOf(physical.name, {"STRUCT", "OBJECT"});
    case FieldType::kArray:
      return plain && IsOneOf(physical.name, {"ARRAY", "LIST"});
  }
  return false;
}

bool ReadPhysicalType(const MapReader& property, const LogicalType& logical, Field& field) {
  const std::optional<std::string> text = property.Text("physicalType");
  if (!text) return !property.Has("physicalType");
  const size_t diagnostics_before = property.diagnostics().size();
  const std::optional<PhysicalType> physical = ParsePhysicalType(*text);
  if (physical && FitsPhysicalType(property, *physical, field)) return true;
  if (property.diagnostics().size() == diagnostics_before) {
    const bool vowel = std::string_view("aio").find(logical.name.front()) != std::string_view::npos;
    property.Refuse("physicalType",
                    fmt::format("physicalType {} is not valid for {} {}", Quoted(*text), vowel ? "an" : "a",
                                logical.name),
                    fmt::format("{} was expected", logical.physical));
  }
  return false;
}

void ReadTimestampFormat(const MapReader& options, const std::string& format, Field& field) {
  if (format == "rfc3339") {
    field.timestamp_format = TimestampFormat::kRfc3339;
  } else if (format == "epoch-seconds") {
    field.timestamp_format = TimestampFormat::kEpochSeconds;
  } else if (format == "epoch-millis") {
    field.timestamp_format = TimestampFormat::kEpochMillis;
  } else if (format == "epoch-micros") {
    field.timestamp_format = TimestampFormat::kEpochMicros;
  } else {
    options.Refuse("format", fmt::format("the format {} of a timestamp is not supported", Quoted(format)),
                   "rfc3339 (the default), epoch-seconds, epoch-millis or epoch-micros was expected");
  }
}

void ReadIntegerFormat(const MapReader& options, const std::string& format, bool has_physical_type,
                       Field& field) {
  if (format != "i32" && format != "i64") {
    options.Refuse("format", fmt::format("the format {} of an integer is not supported", Quoted(format)),
                   "i32 or i64 (the default) was expected; minimum and maximum narrow it further");
    return;
  }
  const int32_t bits = format == "i32" ? 32 : 64;
  if (has_physical_type && bits != field.bits) {
    options.Refuse(
        "format",
        fmt::format("the format {} contradicts the physicalType, which has {} bits", format, field.bits),
        fmt::format("'i{}' or no format was expected", field.bits));
  }
  field.bits = bits;
}

}  // namespace

std::string_view FieldTypeName(FieldType type) {
  switch (type) {
    case FieldType::kString:
      return "a string";
    case FieldType::kInteger:
      return "an integer";
    case FieldType::kNumber:
      return "a number";
    case FieldType::kDecimal:
      return "a decimal";
    case FieldType::kBoolean:
      return "a boolean";
    case FieldType::kDate:
      return "a date";
    case FieldType::kTimestamp:
      return "a timestamp";
    case FieldType::kObject:
      return "an object";
    case FieldType::kArray:
      return "an array";
  }
  return "";
}

bool IsScalar(FieldType type) {
  return type != FieldType::kObject && type != FieldType::kArray;
}

bool ReadFieldType(const MapReader& property, Field& field) {
  const std::string expected(kLogicalTypeNames);
  const std::optional<std::string> name = property.RequiredText("logicalType", expected);
  if (!name) return false;
  for (const LogicalType& logical : kLogicalTypes) {
    if (logical.name != *name) continue;
    field.type = logical.type;
    return ReadPhysicalType(property, logical, field);
  }
  const bool decimal = *name == "decimal";
  property.Refuse("logicalType", fmt::format("the logicalType {} is not supported", Quoted(*name)),
                  decimal ? "'logicalType: number' with 'physicalType: DECIMAL(p,s)' was expected"
                          : expected + " was expected");
  return false;
}

void ReadFormat(const MapReader& options, bool has_physical_type, Field& field) {
  const std::optional<std::string> format = options.Text("format");
  if (!format) return;
  switch (field.type) {
    case FieldType::kTimestamp:
      return ReadTimestampFormat(options, *format, field);
    case FieldType::kInteger:
      return ReadIntegerFormat(options, *format, has_physical_type, field);
    case FieldType::kDate:
      if (*format == "yyyy-MM-dd") return;
      return options.Refuse("format",
                            fmt::format("the format {} of a date is not supported", Quoted(*format)),
                            "yyyy-MM-dd (the default) was expected");
    case FieldType::kNumber:
    case FieldType::kDecimal:
      if (*format == "f64" && field.type == FieldType::kNumber) return;
      return options.Refuse(
          "format",
          fmt::format("the format {} of {} is not supported", Quoted(*format), FieldTypeName(field.type)),
          "f64 for a DOUBLE, or no format, was expected");
    default:
      return options.Refuse(
          "format",
          fmt::format("the format {} of {} is not checked", Quoted(*format), FieldTypeName(field.type)),
          "no format was expected; use 'pattern' for such a rule");
  }
}

}  // namespace forebay
