#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/quoted.h"
#include "contract/field_type.h"
#include "contract/names.h"
#include "contract/pattern.h"
#include "contract/text_format.h"
#include "decode/values.h"
#include "infer/json_schema_shape.h"
#include "infer/schema_fields.h"
#include "infer/yaml_text.h"

namespace forebay::infer {
namespace {

namespace json = boost::json;

constexpr int32_t kMaxMultipleScale = 9;

std::optional<double> NumberMember(const json::object& schema, std::string_view key) {
  const json::value* const value = schema.if_contains(key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

std::optional<int64_t> CountMember(const json::object& schema, std::string_view key) {
  const json::value* const value = schema.if_contains(key);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return std::nullopt;
  return value->get_int64();
}

// As a bound of an integer or a double; nothing if the field cannot hold it.
std::optional<Bound> BoundOf(const Field& field, double number, bool exclusive) {
  if (field.type == FieldType::kNumber) return Bound{0, number, exclusive};
  constexpr double kMaxExact = 9007199254740992;
  if (number != std::trunc(number) || std::abs(number) > kMaxExact) return std::nullopt;
  if (field.bits == 32 && (number < INT32_MIN || number > INT32_MAX)) return std::nullopt;
  return Bound{static_cast<__int128>(number), 0, exclusive};
}

bool AdmitsNone(const Field& field) {
  if (!field.minimum || !field.maximum) return false;
  const bool exclusive = field.minimum->exclusive || field.maximum->exclusive;
  if (field.type == FieldType::kNumber) {
    return field.minimum->number > field.maximum->number ||
           (exclusive && field.minimum->number == field.maximum->number);
  }
  return field.minimum->exact + (field.minimum->exclusive ? 1 : 0) >
         field.maximum->exact - (field.maximum->exclusive ? 1 : 0);
}

class JsonSchemaReader {
 public:
  explicit JsonSchemaReader(const json::object& root) : root_(root), shape_(root) {}

  TypedFields Read();

 private:
  std::vector<ProposedField> Members(const json::object& object, const std::string& path, int depth);
  ProposedField Property(const std::string& name, const json::value& schema, bool required,
                         const std::string& path, int depth);
  void SetType(const PlainSchema& plain, const std::string& path, int depth, ProposedField& proposed);
  void SetString(const json::object& schema, const std::string& path, Field& field);
  void SetNumber(const PlainSchema& plain, Field& field) const;
  void SetArray(const json::object& schema, const std::string& path, int depth, ProposedField& proposed);
  void SetObject(const json::object& schema, const std::string& path, int depth, ProposedField& proposed);
  void SetLengths(const json::object& schema, const char* min, const char* max, Field& field) const;

  const json::object& root_;
  JsonSchemaShape shape_;
  size_t fields_ = 0;
  std::vector<std::string> remarks_;
};

TypedFields JsonSchemaReader::Read() {
  const PlainSchema root = shape_.Open(root_);
  TypedFields typed;
  typed.fields = Members(root.schema, "", 0);
  for (const std::string& reference :
       std::set<std::string>(shape_.unresolved().begin(), shape_.unresolved().end())) {
    remarks_.push_back(fmt::format(
        "the reference {} leads to another file, to itself, or nowhere; such values are kept as JSON",
        Quoted(reference)));
  }
  typed.remarks = std::move(remarks_);
  return typed;
}

std::vector<ProposedField> JsonSchemaReader::Members(const json::object& object, const std::string& path,
                                                     int depth) {
  std::vector<ProposedField> members;
  const json::value* const properties = object.if_contains("properties");
  if (properties == nullptr || !properties->is_object()) return members;
  std::set<std::string> required;
  if (const json::value* const names = object.if_contains("required");
      names != nullptr && names->is_array()) {
    for (const json::value& name : names->get_array()) {
      if (name.is_string()) required.insert(std::string(name.get_string()));
    }
  }
  for (const auto& [key, schema] : properties->get_object()) {
    const std::string name(key);
    if (fields_ == kMaxSchemaFields || !FieldNameProblem(name).empty()) continue;
    members.push_back(
        Property(name, schema, required.contains(name), path + (path.empty() ? "" : ".") + name, depth));
  }
  return members;
}

ProposedField JsonSchemaReader::Property(const std::string& name, const json::value& schema, bool required,
                                         const std::string& path, int depth) {
  const size_t open = shape_.open();
  const PlainSchema plain = shape_.Open(schema);
  ProposedField proposed;
  ++fields_;
  proposed.field.name = name;
  proposed.field.required = required && !plain.nullable;
  proposed.description = TextMember(plain.schema, "description");
  SetType(plain, path, depth, proposed);
  if (const json::value* const examples = plain.schema.if_contains("examples");
      examples != nullptr && examples->is_array() && IsScalar(proposed.field.type)) {
    for (const json::value& example : examples->get_array()) {
      if (example.is_string()) proposed.examples.push_back(QuotedYaml(example.get_string()));
      if (example.is_number() || example.is_bool()) proposed.examples.push_back(json::serialize(example));
    }
  }
  shape_.Close(open);
  return proposed;
}

void JsonSchemaReader::SetType(const PlainSchema& plain, const std::string& path, int depth,
                               ProposedField& proposed) {
  Field& field = proposed.field;
  field.type = FieldType::kJson;
  if (plain.type == "string") {
    SetString(plain.schema, path, field);
  } else if (plain.type == "integer" || plain.type == "number") {
    SetNumber(plain, field);
  } else if (plain.type == "boolean") {
    field.type = FieldType::kBoolean;
  } else if (plain.type == "array" && depth < kMaxSchemaDepth) {
    SetArray(plain.schema, path, depth, proposed);
  } else if (plain.type == "object" && depth < kMaxSchemaDepth) {
    SetObject(plain.schema, path, depth, proposed);
  }
}

void JsonSchemaReader::SetString(const json::object& schema, const std::string& path, Field& field) {
  const std::string format = TextMember(schema, "format");
  field.type = format == "date"        ? FieldType::kDate
               : format == "date-time" ? FieldType::kTimestamp
                                       : FieldType::kString;
  if (field.type != FieldType::kString) return;
  // A time has an offset there, and none in a contract.
  if (format != "time") field.format = ParseTextFormat(format).value_or(TextFormat::kAny);
  SetLengths(schema, "minLength", "maxLength", field);
  if (const std::string pattern = TextMember(schema, "pattern"); !pattern.empty()) {
    const auto compiled = Pattern::Compile(pattern);
    if (compiled.ok()) field.pattern = pattern;
    if (!compiled.ok())
      remarks_.push_back(fmt::format("field {}: the pattern {} is left out: {}", Quoted(path),
                                     Quoted(pattern), compiled.error().message()));
  }
  json::array listed;
  if (const json::value* const values = schema.if_contains("enum"); values != nullptr && values->is_array())
    listed = values->get_array();
  if (const json::value* const constant = schema.if_contains("const")) listed = {*constant};
  for (const json::value& value : listed) AddToEnum(value, field);
}

void JsonSchemaReader::SetNumber(const PlainSchema& plain, Field& field) const {
  const json::object& schema = plain.schema;
  field.type = plain.type == "integer" ? FieldType::kInteger : FieldType::kNumber;
  if (TextMember(schema, "format") == "int32") field.bits = 32;
  const std::optional<double> multiple = NumberMember(schema, "multipleOf");
  if (field.type == FieldType::kNumber && multiple) {
    // 0.01: cents are exact in a decimal.
    for (int32_t scale = 1; scale <= kMaxMultipleScale; ++scale) {
      if (*multiple != std::pow(10.0, -scale)) continue;
      field.type = FieldType::kDecimal;
      field.precision = kMaxDecimalDigits;
      field.scale = scale;
      return;
    }
  }
  if (multiple && *multiple > 0) field.multiple_of = BoundOf(field, *multiple, false);
  const auto bound = [&](const char* inclusive, const char* exclusive) -> std::optional<Bound> {
    if (const auto number = NumberMember(schema, exclusive)) return BoundOf(field, *number, true);
    const json::value* const is_exclusive = schema.if_contains(exclusive);  // as in draft 4
    const auto number = NumberMember(schema, inclusive);
    if (!number || !std::isfinite(*number)) return std::nullopt;
    return BoundOf(field, *number, is_exclusive != nullptr && *is_exclusive == json::value(true));
  };
  field.minimum = bound("minimum", "exclusiveMinimum");
  field.maximum = bound("maximum", "exclusiveMaximum");
  if (AdmitsNone(field)) field.minimum = field.maximum = std::nullopt;
  const json::value* const listed = schema.if_contains("enum");
  if (listed == nullptr || !listed->is_array()) return;
  for (const json::value& value : listed->get_array()) {
    if (!value.is_number()) continue;
    const auto number = BoundOf(field, value.to_number<double>(), false);
    if (!number) return field.enum_numbers.clear();  // a rule without it would refuse it
    field.enum_numbers.push_back(*number);
  }
}

void JsonSchemaReader::SetArray(const json::object& schema, const std::string& path, int depth,
                                ProposedField& proposed) {
  proposed.field.type = FieldType::kArray;
  SetLengths(schema, "minItems", "maxItems", proposed.field);
  const json::value* const items = schema.if_contains("items");
  const bool tuple = schema.contains("prefixItems");
  const json::value any = json::object();
  proposed.fields.push_back(
      Property("element", items == nullptr || tuple ? any : *items, false, path + "[]", depth + 1));
  // A schema says in `items` alone whether null is an element; without it, nothing is known.
  proposed.fields[0].field.required = false;
  const json::value* const unique = schema.if_contains("uniqueItems");
  proposed.field.unique_items =
      unique != nullptr && *unique == json::value(true) && IsScalar(proposed.fields[0].field.type);
}

void JsonSchemaReader::SetObject(const json::object& schema, const std::string& path, int depth,
                                 ProposedField& proposed) {
  proposed.fields = Members(schema, path, depth + 1);
  if (!proposed.fields.empty()) {
    proposed.field.type = FieldType::kObject;
    return;
  }
  const json::value* values = schema.if_contains("additionalProperties");
  if (const json::value* const patterns = schema.if_contains("patternProperties");
      values == nullptr && patterns != nullptr && patterns->is_object() &&
      patterns->get_object().size() == 1) {
    values = &patterns->get_object().begin()->value();
  }
  if (values == nullptr || !values->is_object()) return;
  Field key;
  key.name = "key";
  key.required = true;
  proposed.field.type = FieldType::kMap;
  proposed.fields.push_back({key});
  proposed.fields.push_back(Property("value", *values, false, path + "[]", depth + 1));
}

void JsonSchemaReader::SetLengths(const json::object& schema, const char* min, const char* max,
                                  Field& field) const {
  field.min_length = CountMember(schema, min);
  field.max_length = CountMember(schema, max);
  if (field.min_length && field.max_length && *field.min_length > *field.max_length)
    field.min_length = field.max_length = std::nullopt;
}

}  // namespace

TypedFields FieldsOfJsonSchema(const json::object& schema) {
  return JsonSchemaReader(schema).Read();
}

}  // namespace forebay::infer
