#include "infer/schema_fields.h"

#include <fmt/format.h>

#include <algorithm>

namespace forebay::infer {
namespace {

namespace json = boost::json;

constexpr int kMaxJsonDepth = 200;

Result<json::value> Parse(std::string_view text, const std::string& source_name) {
  json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  json::error_code error;
  json::value document = json::parse({text.data(), text.size()}, error, {}, options);
  if (!error) return document;
  return InvalidArgumentError(
      fmt::format("{} is not JSON ({}), and therefore no schema; a JSON Schema or an Avro "
                  "schema (.avsc) was expected",
                  source_name, error.message()));
}

bool IsAvroRecord(const json::object& object) {
  return TextMember(object, "type") == "record" && object.if_contains("fields") != nullptr &&
         object.at("fields").is_array();
}

bool IsJsonSchema(const json::object& object) {
  for (const std::string_view key :
       {"properties", "$ref", "allOf", "anyOf", "oneOf", "additionalProperties"}) {
    if (object.contains(key)) return true;
  }
  return TextMember(object, "type") == "object";
}

}  // namespace

std::string TextMember(const json::object& object, std::string_view member) {
  const json::value* const value = object.if_contains(member);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

void AddToEnum(const json::value& value, Field& field) {
  if (!value.is_string()) return;
  const std::string text(value.get_string());
  std::vector<std::string>& values = field.enum_values;
  if (std::find(values.begin(), values.end(), text) == values.end()) values.push_back(text);
}

Result<TypedFields> FieldsOfSchema(std::string_view text, const std::string& source_name) {
  FOREBAY_ASSIGN(const json::value document, Parse(text, source_name));
  const json::object* const schema = document.if_object();
  if (schema != nullptr && !TextMember(*schema, "schema").empty())
    return FieldsOfSchema(TextMember(*schema, "schema"), source_name);
  if (schema == nullptr || (!IsAvroRecord(*schema) && !IsJsonSchema(*schema))) {
    return InvalidArgumentError(
        fmt::format("{} is JSON, but neither a JSON Schema of an object nor the Avro schema "
                    "of a record",
                    source_name));
  }
  TypedFields typed = IsAvroRecord(*schema) ? FieldsOfAvroSchema(*schema) : FieldsOfJsonSchema(*schema);
  if (typed.fields.empty())
    return InvalidArgumentError(fmt::format("{} names no member of the records", source_name));
  return typed;
}

}  // namespace forebay::infer
