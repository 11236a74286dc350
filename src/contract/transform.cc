#include "contract/transform.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/quoted.h"
#include "base/time_zone.h"
#include "base/trim.h"
#include "contract/field_type.h"
#include "contract/names.h"

namespace forebay {
namespace {

struct Function {
  std::string_view name;
  PartitionTransform transform;
};

// The first name of each is ours; the others are those of Iceberg and Spark.
constexpr std::array kFunctions = {
    Function{"year", PartitionTransform::kYear},   Function{"years", PartitionTransform::kYear},
    Function{"month", PartitionTransform::kMonth}, Function{"months", PartitionTransform::kMonth},
    Function{"date", PartitionTransform::kDate},   Function{"day", PartitionTransform::kDate},
    Function{"days", PartitionTransform::kDate},   Function{"hour", PartitionTransform::kHour},
    Function{"hours", PartitionTransform::kHour}};

// Keys without meaning on a derived dimension, whose values come from another field.
constexpr std::string_view kUnderivedKeys[] = {"logicalTypeOptions", "enum",       "items",
                                               "properties",         "primaryKey", "primaryKeyPosition"};

constexpr char kTransformExpected[] =
    "year(FIELD), month(FIELD), date(FIELD) or hour(FIELD) was expected, or with a time zone, as in "
    "date(FIELD, 'America/New_York')";

// The name before the '(' of a call; "" for text that is no call.
std::string_view FunctionOf(std::string_view logic) {
  const std::string_view name = logic.substr(0, logic.find('('));
  const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  });
  return is_name && name.size() < logic.size() && logic.back() == ')' ? name : "";
}

std::optional<PartitionTransform> TransformOf(std::string_view function) {
  const auto found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                  [&](const Function& one) { return one.name == LowerCase(function); });
  if (found == kFunctions.end()) return std::nullopt;
  return found->transform;
}

// Parses "'Europe/Berlin'". UTC is the zone without a name, so that contracts with and without it are equal.
std::optional<std::string> ParseTimeZone(std::string_view text) {
  const bool quoted = text.size() > 2 && text.front() == '\'' && text.back() == '\'';
  if (!quoted) return std::nullopt;
  const std::string name(text.substr(1, text.size() - 2));
  if (!IsTimeZoneName(name)) return std::nullopt;
  return name == "UTC" ? "" : name;
}

// Takes the first argument from the front of `arguments`: up to a comma, or in double quotes or backticks.
std::optional<std::string> TakeSource(std::string_view* arguments) {
  const char quote = arguments->empty() ? '\0' : arguments->front();
  const bool quoted = quote == '"' || quote == '`';
  const size_t end = quoted ? arguments->find(quote, 1) : arguments->find(',');
  if (quoted && end == std::string_view::npos) return std::nullopt;
  const std::string_view source = quoted ? arguments->substr(1, end - 1) : Trim(arguments->substr(0, end));
  *arguments = end == std::string_view::npos ? "" : Trim(arguments->substr(end + (quoted ? 1 : 0)));
  if (source.empty()) return std::nullopt;
  return std::string(source);
}

std::optional<Derivation> ParseTransform(std::string_view logic) {
  const std::string_view function = FunctionOf(logic);
  const std::optional<PartitionTransform> transform = TransformOf(function);
  if (!transform) return std::nullopt;
  Derivation derivation;
  derivation.transform = *transform;
  std::string_view arguments = Trim(logic.substr(function.size() + 1));
  arguments.remove_suffix(1);  // ')'
  const std::optional<std::string> source = TakeSource(&arguments);
  if (!source) return std::nullopt;
  derivation.source = *source;
  if (arguments.empty()) return derivation;
  if (!arguments.starts_with(',')) return std::nullopt;
  const std::optional<std::string> zone = ParseTimeZone(Trim(arguments.substr(1)));
  if (!zone) return std::nullopt;
  derivation.time_zone = *zone;
  return derivation;
}

bool IsTypeOf(PartitionTransform transform, FieldType type) {
  if (transform == PartitionTransform::kDate) return type == FieldType::kDate;
  return type == FieldType::kString ||
         (transform == PartitionTransform::kYear && type == FieldType::kInteger);
}

}  // namespace

std::string_view TransformName(PartitionTransform transform) {
  const auto found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                  [&](const Function& one) { return one.transform == transform; });
  return found == kFunctions.end() ? "" : found->name;
}

bool IsTransform(std::string_view logic) {
  const std::string_view function = FunctionOf(logic);
  if (function.empty()) return false;
  std::array<std::string_view, kFunctions.size()> names;
  std::transform(kFunctions.begin(), kFunctions.end(), names.begin(),
                 [](const Function& one) { return one.name; });
  return !NearestName(function, names).empty();
}

std::optional<Derivation> ReadDerivation(const MapReader& property, const std::string& logic) {
  std::optional<Derivation> derivation = ParseTransform(logic);
  if (!derivation) {
    property.Refuse("transformLogic", fmt::format("the transformLogic {} is not supported", Quoted(logic)),
                    kTransformExpected);
    return std::nullopt;
  }
  derivation->line = property.LineOf("transformLogic");
  for (const std::string_view key : kUnderivedKeys) {
    if (property.HasEffect(key)) {
      property.Refuse(key, fmt::format("a derived dimension has '{}'", key),
                      "it was expected on the field it is derived from, if at all");
    }
  }
  Field type;
  if (property.Has("logicalType") && ReadFieldType(property, type) &&
      !IsTypeOf(derivation->transform, type.type)) {
    property.Refuse("logicalType",
                    fmt::format("{} is not of logicalType {}", logic, *property.Text("logicalType")),
                    fmt::format("'logicalType: {}' was expected",
                                derivation->transform == PartitionTransform::kDate ? "date" : "string"));
  }
  return derivation;
}

}  // namespace forebay
