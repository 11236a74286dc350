#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/quoted.h"
#include "contract/names.h"
#include "decode/values.h"
#include "infer/schema_fields.h"

namespace forebay::infer {
namespace {

namespace json = boost::json;

std::string FullName(const std::string& name, const std::string& name_space) {
  return name.find('.') != std::string::npos || name_space.empty() ? name : name_space + "." + name;
}

// Of a type that has a name: its own namespace, or the one around it.
std::string NamespaceOf(const json::object& type, const std::string& around) {
  const std::string name = TextMember(type, "name");
  if (const size_t dot = name.rfind('.'); dot != std::string::npos) return name.substr(0, dot);
  const std::string own = TextMember(type, "namespace");
  return own.empty() ? around : own;
}

// The values as programs write them in plain JSON: a union without the name of its branch, a date as text.
class AvroReader {
 public:
  TypedFields Read(const json::object& record) {
    TypedFields typed;
    Define(record, "");
    typed.fields = Fields(record, NamespaceOf(record, ""), "", 0);
    typed.remarks = std::move(remarks_);
    return typed;
  }

 private:
  std::vector<ProposedField> Fields(const json::object& record, const std::string& name_space,
                                    const std::string& path, int depth);
  void SetType(const json::value& type, const std::string& name_space, const std::string& path, int depth,
               ProposedField& proposed);
  void SetNamed(const std::string& name, const std::string& name_space, const std::string& path, int depth,
                ProposedField& proposed);
  void SetUnion(const json::array& branches, const std::string& name_space, const std::string& path,
                int depth, ProposedField& proposed);
  void SetComplex(const json::object& type, const std::string& name_space, const std::string& path, int depth,
                  ProposedField& proposed);
  void SetNested(const json::value& type, const char* name, const std::string& name_space,
                 const std::string& path, int depth, ProposedField& proposed);
  void Define(const json::object& type, const std::string& name_space);

  std::map<std::string, const json::object*> named_;  // by full name
  std::vector<const json::object*> open_;             // the records around the current one
  size_t fields_ = 0;
  std::vector<std::string> remarks_;
};

bool IsPrimitive(const std::string& name) {
  constexpr std::string_view kNames[] = {"null",  "boolean", "int",   "long",
                                         "float", "double",  "bytes", "string"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

// False if the logical type says nothing about the value in JSON.
bool SetLogicalType(const json::object& type, Field& field) {
  const std::string logical = TextMember(type, "logicalType");
  if (logical == "date") {
    field.type = FieldType::kDate;
  } else if (logical.starts_with("timestamp-")) {
    field.type = FieldType::kTimestamp;  // text or a number
  } else if (logical.starts_with("local-timestamp-")) {
    field.type = FieldType::kLocalTimestamp;
  } else if (logical == "uuid") {
    field.type = FieldType::kString;
    field.format = TextFormat::kUuid;
  } else if (logical == "decimal") {
    const json::value* const precision = type.if_contains("precision");
    const json::value* const scale = type.if_contains("scale");
    if (precision == nullptr || !precision->is_int64()) return false;
    const int64_t digits = precision->get_int64();
    const int64_t behind = scale != nullptr && scale->is_int64() ? scale->get_int64() : 0;
    if (digits < 1 || digits > kMaxDecimalDigits || behind < 0 || behind > digits) return false;
    field.type = FieldType::kDecimal;
    field.precision = static_cast<int32_t>(digits);
    field.scale = static_cast<int32_t>(behind);
  } else {
    return false;
  }
  return true;
}

std::vector<ProposedField> AvroReader::Fields(const json::object& record, const std::string& name_space,
                                              const std::string& path, int depth) {
  std::vector<ProposedField> fields;
  const json::value* const listed = record.if_contains("fields");
  if (listed == nullptr || !listed->is_array()) return fields;
  open_.push_back(&record);
  for (const json::value& entry : listed->get_array()) {
    const json::object* const field = entry.if_object();
    if (field == nullptr || !field->contains("type") || fields_++ >= kMaxSchemaFields) continue;
    const std::string name = TextMember(*field, "name");
    const auto has_name = [&](const ProposedField& other) { return other.field.name == name; };
    if (!FieldNameProblem(name).empty() || std::any_of(fields.begin(), fields.end(), has_name)) continue;
    ProposedField proposed;
    proposed.field.name = name;
    proposed.field.required = !field->contains("default");  // a writer may leave it out
    proposed.description = TextMember(*field, "doc");
    SetType(field->at("type"), name_space, path + (path.empty() ? "" : ".") + proposed.field.name, depth,
            proposed);
    fields.push_back(std::move(proposed));
  }
  open_.pop_back();
  return fields;
}

void AvroReader::SetType(const json::value& type, const std::string& name_space, const std::string& path,
                         int depth, ProposedField& proposed) {
  proposed.field.type = FieldType::kJson;
  if (type.is_string()) {
    SetNamed(std::string(type.get_string()), name_space, path, depth, proposed);
  } else if (type.is_array()) {
    SetUnion(type.get_array(), name_space, path, depth, proposed);
  } else if (type.is_object()) {
    SetComplex(type.get_object(), name_space, path, depth, proposed);
  }
}

void AvroReader::SetNamed(const std::string& name, const std::string& name_space, const std::string& path,
                          int depth, ProposedField& proposed) {
  Field& field = proposed.field;
  if (name == "boolean") {
    field.type = FieldType::kBoolean;
  } else if (name == "int" || name == "long") {
    field.type = FieldType::kInteger;
    field.bits = name == "int" ? 32 : 64;
  } else if (name == "float" || name == "double") {
    field.type = FieldType::kNumber;
  } else if (name == "string" || name == "bytes") {
    field.type = FieldType::kString;
  } else if (name == "null") {
    field.required = false;
  } else if (const auto known = named_.find(FullName(name, name_space)); known != named_.end()) {
    if (std::find(open_.begin(), open_.end(), known->second) == open_.end())
      return SetComplex(*known->second, name_space, path, depth, proposed);
    remarks_.push_back(fmt::format("field {}: the record {} contains itself; it is kept as JSON",
                                   Quoted(path), Quoted(name)));
  } else {
    remarks_.push_back(
        fmt::format("field {}: the type {} is not defined; it is kept as JSON", Quoted(path), Quoted(name)));
  }
}

void AvroReader::SetUnion(const json::array& branches, const std::string& name_space, const std::string& path,
                          int depth, ProposedField& proposed) {
  std::vector<const json::value*> values;
  for (const json::value& branch : branches) {
    if (branch != json::value("null")) values.push_back(&branch);
  }
  if (values.size() < branches.size()) proposed.field.required = false;
  if (values.size() == 1) return SetType(*values.front(), name_space, path, depth, proposed);
  if (!values.empty())
    remarks_.push_back(fmt::format("field {} is a union; it is kept as JSON", Quoted(path)));
  for (const json::value* value : values) {
    if (value->is_object()) Define(value->get_object(), name_space);
  }
}

// The element of an array, or the value of a map.
void AvroReader::SetNested(const json::value& type, const char* name, const std::string& name_space,
                           const std::string& path, int depth, ProposedField& proposed) {
  ProposedField nested;
  nested.field.name = name;
  nested.field.required = true;
  SetType(type, name_space, path + "[]", depth + 1, nested);
  proposed.fields.push_back(std::move(nested));
}

void AvroReader::SetComplex(const json::object& type, const std::string& name_space, const std::string& path,
                            int depth, ProposedField& proposed) {
  Field& field = proposed.field;
  const std::string name = TextMember(type, "type");
  const std::string inside = NamespaceOf(type, name_space);
  Define(type, name_space);
  if (depth >= kMaxSchemaDepth) return;
  if (SetLogicalType(type, field)) return;
  if (name == "record" || name == "error") {
    proposed.fields = Fields(type, inside, path, depth + 1);
    if (!proposed.fields.empty()) field.type = FieldType::kObject;
  } else if (name == "enum") {
    field.type = FieldType::kString;
    if (const json::value* const symbols = type.if_contains("symbols");
        symbols != nullptr && symbols->is_array()) {
      for (const json::value& symbol : symbols->get_array()) AddToEnum(symbol, field);
    }
  } else if (name == "fixed") {
    field.type = FieldType::kString;
  } else if (name == "array" && type.contains("items")) {
    field.type = FieldType::kArray;
    SetNested(type.at("items"), "element", name_space, path, depth, proposed);
  } else if (name == "map" && type.contains("values")) {
    ProposedField key;
    key.field.name = "key";
    key.field.required = true;
    field.type = FieldType::kMap;
    proposed.fields.push_back(std::move(key));
    SetNested(type.at("values"), "value", name_space, path, depth, proposed);
  } else if (IsPrimitive(name)) {
    SetNamed(name, name_space, path, depth, proposed);
  } else if (type.contains("type")) {
    SetType(type.at("type"), name_space, path, depth + 1, proposed);
  }
}

void AvroReader::Define(const json::object& type, const std::string& name_space) {
  const std::string name = TextMember(type, "name");
  if (!name.empty()) named_.emplace(FullName(name, NamespaceOf(type, name_space)), &type);
}

}  // namespace

TypedFields FieldsOfAvroSchema(const json::object& record) {
  return AvroReader().Read(record);
}

}  // namespace forebay::infer
