#include "contract/field_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quoted.h"
#include "base/time_zone.h"
#include "contract/custom_properties.h"
#include "contract/field_rules.h"
#include "contract/field_type.h"
#include "contract/map_reader.h"
#include "contract/names.h"

namespace forebay {
namespace {

constexpr int kMaxFieldDepth = 32;

constexpr std::string_view kPropertyKeys[] = {
    "name",        "logicalType",          "physicalType",   "logicalTypeOptions", "required",
    "enum",        "properties",           "items",          "primaryKey",         "primaryKeyPosition",
    "partitioned", "partitionKeyPosition", "transformLogic", "customProperties",   "physicalName",
    "map"};
constexpr std::string_view kElementKeys[] = {
    "logicalType", "physicalType", "logicalTypeOptions", "required", "enum",
    "properties",  "items",        "customProperties",   "map"};
constexpr std::string_view kPassedKeys[] = {"authoritativeDefinitions",
                                            "businessName",
                                            "classification",
                                            "criticalDataElement",
                                            "deprecated",
                                            "description",
                                            "encryptedName",
                                            "examples",
                                            "id",
                                            "semanticType",
                                            "synonyms",
                                            "tags",
                                            "transformDescription",
                                            "transformSourceObjects"};
constexpr std::string_view kPassedElementKeys[] = {"authoritativeDefinitions",
                                                   "businessName",
                                                   "classification",
                                                   "criticalDataElement",
                                                   "deprecated",
                                                   "description",
                                                   "encryptedName",
                                                   "examples",
                                                   "id",
                                                   "name",
                                                   "partitionKeyPosition",
                                                   "partitioned",
                                                   "physicalName",
                                                   "primaryKey",
                                                   "primaryKeyPosition",
                                                   "semanticType",
                                                   "synonyms",
                                                   "tags",
                                                   "transformDescription",
                                                   "transformLogic",
                                                   "transformSourceObjects"};
constexpr std::string_view kNotedKeys[] = {"quality", "relationships", "unique"};
constexpr std::string_view kMapKeys[] = {"key", "value"};
// Keys allowed only on fields of the record itself.
constexpr std::string_view kTopLevelKeys[] = {"primaryKey", "partitioned"};
// Keys without meaning on a derived dimension, whose values come from another field.
constexpr std::string_view kUnderivedKeys[] = {"logicalTypeOptions", "enum",       "items",
                                               "properties",         "primaryKey", "primaryKeyPosition"};

void ReadInside(const MapReader& property, const std::string& path, int depth, Field& field);

// Whether the key has an effect. ODCS's own defaults (false, and -1 for a position) are allowed anywhere.
bool HasEffect(const MapReader& property, std::string_view key) {
  const YamlNode* value = property.Find(key);
  return value != nullptr && AsBool(*value) != false && AsInteger(*value) != -1;
}

std::optional<int64_t> ReadPosition(const MapReader& property, std::string_view key) {
  const std::optional<int64_t> position = property.Integer(key);
  return position == -1 ? std::nullopt : position;
}

// The unchecked name as text, for messages.
std::string UncheckedName(const YamlNode& node) {
  for (const YamlMember& member : node.members) {
    if (member.key == "name" && member.value->kind == YamlKind::kScalar) return member.value->text;
  }
  return "(no name)";
}

void ReadName(const MapReader& property, Field& field) {
  field.line = property.line();
  const std::optional<std::string> name =
      property.RequiredText("name", "the field's name in the JSON record");
  if (!name) return;
  field.name = *name;
  const std::string unsafe = UnsafeNameProblem(*name, kMaxFieldName);
  if (!unsafe.empty())
    property.Refuse("name", fmt::format("the name {} {}", Quoted(*name), unsafe), kSafeNameExpected);
  const std::optional<std::string> physical = property.Text("physicalName");
  if (physical && *physical != *name) {
    property.Refuse("physicalName",
                    fmt::format("physicalName {} differs from the name {}", Quoted(*physical), Quoted(*name)),
                    "the same name, or no physicalName, was expected");
  }
}

Field ReadMember(const YamlNode& node, const std::string& parent, int depth, Diagnostics& diagnostics) {
  Field field;
  if (node.kind != YamlKind::kMap) {
    diagnostics.Add(node.line,
                    fmt::format("field '{}': an entry of properties is {}", parent, DescribeNode(node)),
                    "a member that begins with '- name: ...' was expected");
    return field;
  }
  const std::string path = parent + "." + UncheckedName(node);
  const MapReader property(node, "field " + Quoted(path), {kPropertyKeys, kPassedKeys, kNotedKeys},
                           diagnostics);
  ReadName(property, field);
  for (const std::string_view key : kTopLevelKeys) {
    if (HasEffect(property, key))
      property.Note(key, fmt::format("'{}' of a nested field is not used", key),
                    "only fields of the record itself have it");
  }
  ReadInside(property, path, depth, field);
  return field;
}

void ReadMembers(const MapReader& property, const std::string& path, int depth, Field& field) {
  const YamlNode* members = property.List("properties");
  if (members == nullptr || members->items.empty()) {
    field.type = FieldType::kJson;  // nothing is known about its content
    return;
  }
  NameSet names;
  for (const YamlNodePtr& item : members->items) {
    Field member = ReadMember(*item, path, depth + 1, property.diagnostics());
    if (const std::string problem = names.Add(member.name, member.line); !problem.empty()) {
      property.diagnostics().Add(member.line, fmt::format("field '{}.{}': {}", path, member.name, problem),
                                 kUniqueNameExpected);
    }
    field.fields.push_back(std::move(member));
  }
}

// The element of an array, or the key or value of a map: a field without a name of its own. Any value, if the
// contract does not describe it.
Field ReadNameless(const MapReader& map, const char* key, const char* name, const std::string& path,
                   int depth) {
  Field field;
  field.name = name;
  field.line = map.LineOf(key);
  field.type = FieldType::kJson;
  const YamlNode* node = map.Map(key);
  if (node == nullptr) return field;
  const MapReader reader(*node, "field " + Quoted(path), {kElementKeys, kPassedElementKeys, kNotedKeys},
                         map.diagnostics());
  ReadInside(reader, path, depth + 1, field);
  return field;
}

void ReadElement(const MapReader& property, const std::string& path, int depth, Field& field) {
  field.fields.push_back(ReadNameless(property, "items", "element", path + "[]", depth));
  const FieldType element = field.element().type;
  if (!field.unique_items || IsScalar(element) || element == FieldType::kJson) return;
  property.Note("logicalTypeOptions", "the rule 'uniqueItems' is not checked",
                "only elements that are neither object, array nor map are compared");
  field.unique_items = false;
}

// The names of an object's members, and their values.
void ReadMap(const MapReader& property, const std::string& path, int depth, Field& field) {
  Field key;
  key.name = "key";
  key.line = property.line();
  Field value = key;
  value.name = "value";
  value.type = FieldType::kJson;
  if (const YamlNode* node = property.Map("map")) {
    const MapReader map(*node, "map of " + property.what(), {kMapKeys}, property.diagnostics());
    if (map.Has("key")) key = ReadNameless(map, "key", "key", path + ".key", depth);
    value = ReadNameless(map, "value", "value", path + "[]", depth);
    if (key.type != FieldType::kString) {
      map.Note("key", fmt::format("the keys are of logicalType {}", FieldTypeName(key.type)),
               "their column is a string, as in the JSON");
      Field text;
      text.name = key.name;
      text.line = key.line;
      key = text;
    }
  }
  key.required = true;
  field.fields.push_back(std::move(key));
  field.fields.push_back(std::move(value));
}

// The list `required` of an object's options.
void ReadRequiredMembers(const MapReader& property, Field& object) {
  const YamlNode* options = property.Find("logicalTypeOptions");
  if (options == nullptr || options->kind != YamlKind::kMap) return;
  for (const YamlMember& option : options->members) {
    if (option.key != "required") continue;
    for (const YamlNodePtr& item : option.value->items) {
      const auto member = std::find_if(object.fields.begin(), object.fields.end(),
                                       [&](const Field& field) { return field.name == item->text; });
      if (member != object.fields.end()) {
        member->required = true;
      } else {
        property.diagnostics().Add(item->line,
                                   fmt::format("{}: the required member {} is not one of its properties",
                                               property.what(), Quoted(item->text)),
                                   "the name of a member was expected");
      }
    }
  }
}

// Reads everything except the name: type, rules, members.
void ReadInside(const MapReader& property, const std::string& path, int depth, Field& field) {
  field.required = property.Bool("required").value_or(false);
  RefuseMisplacedCustomProperties(property);
  if (!ReadFieldType(property, field)) return;
  ReadFieldRules(property, field);
  const bool object = field.type == FieldType::kObject;
  const bool array = field.type == FieldType::kArray;
  const bool map = field.type == FieldType::kMap;
  if ((object || array || map) && depth >= kMaxFieldDepth) {
    property.Refuse("logicalType", fmt::format("the field is nested deeper than {} levels", kMaxFieldDepth),
                    "flatter records were expected");
    return;
  }
  if (object) {
    ReadMembers(property, path, depth, field);
    ReadRequiredMembers(property, field);
  }
  if (array) ReadElement(property, path, depth, field);
  if (map) ReadMap(property, path, depth, field);
  if (!object && property.Has("properties")) {
    property.Refuse("properties", fmt::format("{} has 'properties'", FieldTypeName(field.type)),
                    "'logicalType: object' was expected with them");
  }
  if (!array && property.Has("items")) {
    property.Refuse("items", fmt::format("{} has 'items'", FieldTypeName(field.type)),
                    "'logicalType: array' was expected with them");
  }
}

// Parses "'Europe/Berlin'". UTC is the zone without a name, so that contracts with and without it are equal.
std::optional<std::string> ParseTimeZone(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  text.remove_suffix(text.size() - (text.find_last_not_of(' ') + 1));
  const bool quoted = text.size() > 2 && text.front() == '\'' && text.back() == '\'';
  if (!quoted) return std::nullopt;
  const std::string name(text.substr(1, text.size() - 2));
  if (!IsTimeZoneName(name)) return std::nullopt;
  return name == "UTC" ? "" : name;
}

// Parses "date(event_time)" and "date(event_time, 'Europe/Berlin')".
std::optional<Derivation> ParseTransform(const std::string& logic) {
  const size_t open = logic.find('(');
  if (open == std::string::npos || logic.back() != ')') return std::nullopt;
  const std::string function = logic.substr(0, open);
  const std::string arguments = logic.substr(open + 1, logic.size() - open - 2);
  const size_t comma = arguments.find(',');
  Derivation derivation;
  derivation.source = arguments.substr(0, comma);
  if (comma != std::string::npos) {
    const std::optional<std::string> zone = ParseTimeZone(std::string_view(arguments).substr(comma + 1));
    if (!zone) return std::nullopt;
    derivation.time_zone = *zone;
  }
  if (!UnsafeNameProblem(derivation.source, kMaxFieldName).empty()) return std::nullopt;
  if (function == "hour") derivation.transform = PartitionTransform::kHour;
  if (function != "date" && function != "hour") return std::nullopt;
  return derivation;
}

void ReadDerivation(const MapReader& property, Property& result) {
  const std::optional<std::string> logic = property.Text("transformLogic");
  if (!logic) return;
  result.derivation = ParseTransform(*logic);
  if (!result.derivation) {
    property.Refuse("transformLogic", fmt::format("the transformLogic {} is not supported", Quoted(*logic)),
                    "date(FIELD) or hour(FIELD) was expected, or with a time zone, as in "
                    "date(FIELD, 'America/New_York')");
    return;
  }
  result.derivation->line = property.LineOf("transformLogic");
  for (const std::string_view key : kUnderivedKeys) {
    if (HasEffect(property, key)) {
      property.Refuse(key, fmt::format("a derived dimension has '{}'", key),
                      "it was expected on the field it is derived from, if at all");
    }
  }
  const bool date = result.derivation->transform == PartitionTransform::kDate;
  const FieldType expected = date ? FieldType::kDate : FieldType::kString;
  Field type;
  if (ReadFieldType(property, type) && type.type != expected) {
    property.Refuse("logicalType",
                    fmt::format("{} is not of logicalType {}", *logic, *property.Text("logicalType")),
                    fmt::format("'logicalType: {}' was expected", date ? "date" : "string"));
  }
  if (!property.Bool("required").value_or(true)) {
    property.Refuse("required", "a partition dimension is optional",
                    "'required: true', or no key, was expected");
  }
}

// Whether transformLogic computes a partition dimension here. The standard has it for what was done upstream,
// in any language: then the field comes with the record.
bool IsDerivation(const MapReader& property, const Property& result) {
  const std::optional<std::string> logic = property.Text("transformLogic");
  if (!logic) return false;
  const std::string_view function = std::string_view(*logic).substr(0, logic->find('('));
  const bool is_call = function.size() < logic->size() &&
                       UnsafeNameProblem(function, kMaxFieldName).empty() && logic->back() == ')' &&
                       std::count(logic->begin(), logic->end(), '(') == 1;
  if (is_call && (result.partitioned || result.partitioned_misspelled)) return true;
  property.Note("transformLogic", "'transformLogic' is not run", "the field is read from the record");
  return false;
}

void ReadRoles(const MapReader& property, Property& result) {
  result.in_primary_key = property.Bool("primaryKey").value_or(false);
  result.primary_key_position = ReadPosition(property, "primaryKeyPosition");
  result.primary_key_line = property.LineOf("primaryKey");
  if (result.primary_key_position && !result.in_primary_key && !property.IsMisspelled("primaryKey")) {
    property.Note("primaryKeyPosition", "primaryKeyPosition without primaryKey",
                  "the field is not in the primary key");
  }
  result.partitioned = property.Bool("partitioned").value_or(false);
  result.partition_position = ReadPosition(property, "partitionKeyPosition");
  result.partition_line = property.LineOf("partitioned");
  result.partitioned_misspelled = property.IsMisspelled("partitioned");
  if (result.partition_position && !result.partitioned && !result.partitioned_misspelled) {
    property.Note("partitionKeyPosition", "partitionKeyPosition without partitioned",
                  "the field is not a partition dimension");
  }
}

}  // namespace

Property ReadProperty(const YamlNode& node, const std::string& table, Diagnostics& diagnostics) {
  Property result;
  const size_t diagnostics_before = diagnostics.size();
  if (node.kind != YamlKind::kMap) {
    diagnostics.Add(node.line,
                    fmt::format("table '{}': an entry of properties is {}", table, DescribeNode(node)),
                    "a field that begins with '- name: ...' was expected");
    return result;
  }
  const std::string path = table + "." + UncheckedName(node);
  const MapReader property(node, "field " + Quoted(path), {kPropertyKeys, kPassedKeys, kNotedKeys},
                           diagnostics);
  ReadName(property, result.field);
  ReadRoles(property, result);
  result.derived = IsDerivation(property, result);
  if (result.derived) {
    result.field.required = true;
    RefuseMisplacedCustomProperties(property);
    ReadDerivation(property, result);
  } else {
    ReadInside(property, path, 1, result.field);
  }
  result.valid = diagnostics.size() == diagnostics_before;
  return result;
}

const Property* FindProperty(const std::vector<Property>& properties, std::string_view name) {
  for (const Property& property : properties) {
    if (property.field.name == name) return &property;
  }
  return nullptr;
}

}  // namespace forebay
