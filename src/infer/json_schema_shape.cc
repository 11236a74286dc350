#include "infer/json_schema_shape.h"

#include <algorithm>
#include <set>

#include "infer/schema_fields.h"

namespace forebay::infer {
namespace {

namespace json = boost::json;

constexpr size_t kMaxSteps = 200'000;

json::object ObjectOf(const json::value& value) {
  return value.is_object() ? value.get_object() : json::object();
}

// By its other keys, where `type` is missing.
std::string TypeOf(const json::object& schema) {
  if (schema.contains("type")) return TextMember(schema, "type");
  if (schema.contains("properties") || schema.contains("additionalProperties") ||
      schema.contains("patternProperties")) {
    return "object";
  }
  if (schema.contains("items") || schema.contains("prefixItems")) return "array";
  const json::value* const listed = schema.if_contains("enum");
  const json::value* const constant = schema.if_contains("const");
  const bool all_texts =
      listed != nullptr && listed->is_array() &&
      std::all_of(listed->get_array().begin(), listed->get_array().end(),
                  [](const json::value& value) { return value.is_string() || value.is_null(); });
  return all_texts || (constant != nullptr && constant->is_string()) ? "string" : "";
}

// A schema that both describe.
json::object Both(json::object a, const json::object& b) {
  for (const auto& [key, value] : b) {
    json::value* const known = a.if_contains(key);
    if (known == nullptr) {
      a[key] = value;
    } else if (key == "properties" && known->is_object() && value.is_object()) {
      for (const auto& [name, property] : value.get_object()) {
        json::value& merged = known->get_object()[name];
        merged = merged.is_null() ? property : json::value{{"allOf", json::array{merged, property}}};
      }
    } else if (key == "required" && known->is_array() && value.is_array()) {
      for (const json::value& name : value.get_array()) known->get_array().push_back(name);
    }
  }
  return a;
}

// Objects of one of two shapes: all members, those of both required.
json::object Either(const json::object& a, const json::object& b) {
  json::object properties = ObjectOf(a.contains("properties") ? a.at("properties") : json::value());
  if (b.contains("properties")) {
    for (const auto& [name, property] : ObjectOf(b.at("properties"))) {
      json::value& merged = properties[name];
      if (!merged.is_null() && merged != property) merged = {{"anyOf", json::array{merged, property}}};
      if (merged.is_null()) merged = property;
    }
  }
  json::array required;
  if (a.contains("required") && b.contains("required") && a.at("required").is_array() &&
      b.at("required").is_array()) {
    const json::array& others = b.at("required").get_array();
    for (const json::value& name : a.at("required").get_array()) {
      if (std::find(others.begin(), others.end(), name) != others.end()) required.push_back(name);
    }
  }
  return {{"type", "object"}, {"properties", properties}, {"required", required}};
}

// Reads `type`, which may be a list, and the ways to say that null is a value.
void ReadType(PlainSchema* plain) {
  const json::object& schema = plain->schema;
  if (const json::value* const nullable = schema.if_contains("nullable"))
    plain->nullable = plain->nullable || (nullable->is_bool() && nullable->get_bool());
  if (const json::value* const listed = schema.if_contains("enum"); listed != nullptr && listed->is_array()) {
    const json::array& values = listed->get_array();
    plain->nullable = plain->nullable || std::any_of(values.begin(), values.end(),
                                                     [](const json::value& v) { return v.is_null(); });
  }
  const json::value* const type = schema.if_contains("type");
  if (type == nullptr || !type->is_array()) {
    plain->type = TypeOf(schema);
    return;
  }
  std::set<std::string> types;
  for (const json::value& one : type->get_array()) {
    if (one.is_string()) types.insert(std::string(one.get_string()));
  }
  plain->nullable = plain->nullable || types.erase("null") > 0;
  if (types.contains("number")) types.erase("integer");
  plain->type = types.size() == 1 ? *types.begin() : "";
}

}  // namespace

PlainSchema JsonSchemaShape::Open(const json::value& schema) {
  PlainSchema plain;
  plain.schema = Resolve(ObjectOf(schema));
  for (const char* const key : {"anyOf", "oneOf"}) {
    const json::value* const branches = plain.schema.if_contains(key);
    if (branches == nullptr || !branches->is_array()) continue;
    const json::object chosen = Union(branches->get_array(), &plain.nullable);
    plain.schema.erase(key);
    plain.schema = Resolve(Both(std::move(plain.schema), chosen));
  }
  ReadType(&plain);
  return plain;
}

// Without $ref and allOf.
json::object JsonSchemaShape::Resolve(json::object schema) {
  while (++steps_ < kMaxSteps) {
    if (const std::string reference = TextMember(schema, "$ref"); !reference.empty()) {
      schema.erase("$ref");
      schema = Both(std::move(schema), Follow(reference));
    } else if (const json::value* const all = schema.if_contains("allOf");
               all != nullptr && all->is_array()) {
      const json::array parts = all->get_array();
      schema.erase("allOf");
      for (const json::value& part : parts) schema = Both(std::move(schema), Resolve(ObjectOf(part)));
    } else {
      return schema;
    }
  }
  return {};
}

json::object JsonSchemaShape::Follow(const std::string& reference) {
  json::error_code error;
  const bool local = reference.starts_with('#') && (reference.size() == 1 || reference[1] == '/');
  const bool is_open = std::find(open_.begin(), open_.end(), reference) != open_.end();
  const json::value* const target = local ? root_.find_pointer(reference.substr(1), error) : nullptr;
  if (target == nullptr || is_open) {
    unresolved_.push_back(reference);
    return {};
  }
  open_.push_back(reference);
  return ObjectOf(*target);
}

json::object JsonSchemaShape::Union(const json::array& branches, bool* nullable) {
  std::vector<json::object> shapes;
  for (const json::value& branch : branches) {
    json::object shape = Resolve(ObjectOf(branch));
    if (TextMember(shape, "type") == "null") {
      *nullable = true;
    } else {
      shapes.push_back(std::move(shape));
    }
  }
  if (shapes.empty()) return {};
  json::object chosen = shapes.front();
  for (size_t i = 1; i < shapes.size(); ++i) {
    const std::string type = TypeOf(chosen);
    if (type == "object" && TypeOf(shapes[i]) == "object") {
      chosen = Either(chosen, shapes[i]);
    } else if (chosen != shapes[i]) {
      // Texts of several formats are texts; other mixtures are any value.
      if (type.empty() || type == "array" || type != TypeOf(shapes[i])) return {};
      chosen = {{"type", type}};
    }
  }
  return chosen;
}

}  // namespace forebay::infer
