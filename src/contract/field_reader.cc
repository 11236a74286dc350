#include "contract/field_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/quoted.h"
#include "contract/custom_properties.h"
#include "contract/field_rules.h"
#include "contract/field_source.h"
#include "contract/field_type.h"
#include "contract/map_reader.h"
#include "contract/names.h"
#include "contract/vector_reader.h"

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
// Where a field is read.
struct Nesting {
  std::string path;  // for messages
  int depth = 1;
  // The field's place below its property; nothing inside arrays and maps, whose elements have no roles.
  std::optional<FieldPlace> members;
  std::vector<PlacedRoles>* roles;
  const Leniency* of_table;
  Coercions coercions;  // of the field around it

  Nesting Member(const std::string& name, size_t index) const {
    Nesting member{path + "." + name, depth + 1, members, roles, of_table, coercions};
    if (member.members) member.members->push_back(index);
    return member;
  }
  Nesting Element(const char* suffix) const {
    return {path + suffix, depth + 1, std::nullopt, roles, of_table, coercions};
  }
};

bool ReadTypeAndRules(const MapReader& property, Field& field);
void ReadField(const MapReader& property, Nesting nesting, Field& field);
// What a field of this type has inside it.
void ReadInside(const MapReader& property, const Nesting& nesting, Field& field);

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
  if (property.Find("name") == nullptr && !property.IsMisspelled("name")) {
    property.Refuse("name", property.Has("name") ? "'name' is empty" : "the key 'name' is missing",
                    "the field's name in the JSON record was expected");
  }
  field.name = property.Text("name").value_or("");  // a member's name may be empty
  field.column = property.Text("physicalName").value_or("");
  for (const auto& [key, name] : {std::pair("name", &field.name), std::pair("physicalName", &field.column)}) {
    if (const std::string problem = FieldNameProblem(*name); !problem.empty()) {
      property.Refuse(key, fmt::format("the {} {} {}", key, Quoted(name->substr(0, kMaxFieldName)), problem),
                      "a shorter name without a NUL was expected");
    }
  }
}

// Everything in a field's customProperties. Returns its coercions, which hold inside it, too.
Coercions ReadCustomProperties(const MapReader& property, const Nesting& nesting, Field& field) {
  const CustomProperties custom(property, PropertyOwner::kField);
  if (nesting.depth == 1) {
    ReadFieldSource(custom, field);
  } else if (custom.Has("kafka.source")) {
    custom.Refuse("kafka.source", "kafka.source of a nested field",
                  "it was expected on a field of the record itself");
  }
  field.aliases = custom.Texts("aliases");
  for (const std::string& alias : field.aliases) {
    if (FieldNameProblem(alias).empty()) continue;
    custom.Refuse("aliases", fmt::format("the alias {} {}", Quoted(alias), FieldNameProblem(alias)),
                  "the name of a member was expected");
  }
  ApplyLeniency(custom, ReadLeniency(custom, {nesting.of_table->null_if_wrong, nesting.coercions}), field);
  return field.coercions;
}

FieldRoles ReadRoles(const MapReader& property) {
  FieldRoles roles;
  roles.in_primary_key = property.Bool("primaryKey").value_or(false);
  roles.primary_key_position = ReadPosition(property, "primaryKeyPosition");
  roles.primary_key_line = property.LineOf("primaryKey");
  if (roles.primary_key_position && !roles.in_primary_key && !property.IsMisspelled("primaryKey")) {
    property.Note("primaryKeyPosition", "primaryKeyPosition without primaryKey",
                  "the field is not in the primary key");
  }
  roles.partitioned = property.Bool("partitioned").value_or(false);
  roles.partition_position = ReadPosition(property, "partitionKeyPosition");
  roles.partition_line = property.LineOf("partitioned");
  roles.partitioned_misspelled = property.IsMisspelled("partitioned");
  if (roles.partition_position && !roles.partitioned && !roles.partitioned_misspelled) {
    property.Note("partitionKeyPosition", "partitionKeyPosition without partitioned",
                  "the field is not a partition dimension");
  }
  return roles;
}

Field ReadMember(const YamlNode& node, const Nesting& object, size_t index, Diagnostics& diagnostics) {
  Field field;
  if (node.kind != YamlKind::kMap) {
    diagnostics.Add(node.line,
                    fmt::format("field '{}': an entry of properties is {}", object.path, DescribeNode(node)),
                    "a member that begins with '- name: ...' was expected");
    return field;
  }
  const Nesting nesting = object.Member(UncheckedName(node), index);
  const MapReader property(node, "field " + Quoted(nesting.path), {kPropertyKeys, kPassedKeys, kNotedKeys},
                           diagnostics);
  ReadName(property, field);
  const FieldRoles roles = ReadRoles(property);
  if (nesting.members) {
    nesting.roles->push_back({*nesting.members, roles});
  } else {
    for (const std::string_view key : {"primaryKey", "partitioned"}) {
      if (property.HasEffect(key))
        property.Note(key, fmt::format("'{}' in an array or a map is not used", key),
                      "a record has any number of such values");
    }
  }
  ReadField(property, nesting, field);
  return field;
}

void ReadMembers(const MapReader& property, const Nesting& nesting, Field& field) {
  const YamlNode* members = property.List("properties");
  if (members == nullptr || members->items.empty()) {
    field.type = FieldType::kJson;  // nothing is known about its content
    return;
  }
  NameSet names;
  for (size_t i = 0; i < members->items.size(); ++i) {
    Field member = ReadMember(*members->items[i], nesting, i, property.diagnostics());
    if (const std::string problem = names.Add(member.name, member.line); !problem.empty()) {
      property.diagnostics().Add(member.line,
                                 fmt::format("field '{}.{}': {}", nesting.path, member.name, problem),
                                 "a name of its own was expected");
    }
    field.fields.push_back(std::move(member));
  }
  CheckAliases(field.fields, nesting.path, property.diagnostics());
}

// The element of an array, or the key or value of a map: a field without a name of its own. Any value, if the
// contract does not describe it.
Field ReadNameless(const MapReader& map, const char* key, const char* name, const Nesting& nesting) {
  Field field;
  field.name = field.column = name;
  field.line = map.LineOf(key);
  field.type = FieldType::kJson;
  const YamlNode* node = map.Map(key);
  if (node == nullptr) return field;
  const MapReader reader(*node, "field " + Quoted(nesting.path),
                         {kElementKeys, kPassedElementKeys, kNotedKeys}, map.diagnostics());
  const CustomProperties none(reader, PropertyOwner::kOther);
  if (ReadTypeAndRules(reader, field)) ReadInside(reader, nesting, field);
  field.coercions = nesting.coercions;
  return field;
}

void ReadElement(const MapReader& property, const Nesting& nesting, Field& field) {
  field.fields.push_back(ReadNameless(property, "items", "element", nesting.Element("[]")));
  const FieldType element = field.element().type;
  if (!field.unique_items || IsScalar(element) || element == FieldType::kJson) return;
  property.Note("logicalTypeOptions", "the rule 'uniqueItems' is not checked",
                "only elements that are neither object, array nor map are compared");
  field.unique_items = false;
}

// The names of an object's members, and their values.
void ReadMap(const MapReader& property, const Nesting& nesting, Field& field) {
  Field key;
  key.name = key.column = "key";
  key.line = property.line();
  Field value = key;
  value.name = value.column = "value";
  value.type = FieldType::kJson;
  if (const YamlNode* node = property.Map("map")) {
    const MapReader map(*node, "map of " + property.what(), {kMapKeys}, property.diagnostics());
    if (map.Has("key")) key = ReadNameless(map, "key", "key", nesting.Element(".key"));
    value = ReadNameless(map, "value", "value", nesting.Element("[]"));
    if (key.type != FieldType::kString) {
      map.Note("key", fmt::format("the keys are of logicalType {}", FieldTypeName(key.type)),
               "their column is a string, as in the JSON");
      Field text;
      text.name = text.column = key.name;
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
    if (object.type == FieldType::kJson) {
      property.Note("logicalTypeOptions", "the rule 'required' is not checked",
                    "the contract has no 'properties' of the object: it lands as JSON text");
      continue;
    }
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

bool ReadTypeAndRules(const MapReader& property, Field& field) {
  field.required = property.Bool("required").value_or(false);
  if (!ReadFieldType(property, field)) return false;
  ReadFieldRules(property, field);
  return true;
}

// Reads everything except the name: type, rules, custom properties, members.
void ReadField(const MapReader& property, Nesting nesting, Field& field) {
  const bool has_type = ReadTypeAndRules(property, field);
  nesting.coercions = ReadCustomProperties(property, nesting, field);
  if (has_type) ReadInside(property, nesting, field);
}

void ReadInside(const MapReader& property, const Nesting& nesting, Field& field) {
  const bool object = field.type == FieldType::kObject;
  const bool array = field.type == FieldType::kArray;
  const bool map = field.type == FieldType::kMap;
  if ((object || array || map) && nesting.depth >= kMaxFieldDepth) {
    property.Refuse("logicalType", fmt::format("the field is nested deeper than {} levels", kMaxFieldDepth),
                    "flatter records were expected");
    return;
  }
  if (object) {
    ReadMembers(property, nesting, field);
    ReadRequiredMembers(property, field);
  }
  const bool vector = IsVector(property);
  if (array && vector) ReadVector(property, field);
  if (array && !vector) ReadElement(property, nesting, field);
  if (map) ReadMap(property, nesting, field);
  if (!object && property.Has("properties")) {
    property.Refuse("properties", fmt::format("{} has 'properties'", FieldTypeName(field.type)),
                    "'logicalType: object' was expected with them");
  }
  if ((!array || vector) && property.Has("items")) {
    property.Refuse("items", fmt::format("{} has 'items'", vector ? "a vector" : FieldTypeName(field.type)),
                    "'logicalType: array' was expected with them");
  }
}

// Whether transformLogic computes a partition dimension here.
bool IsDerivation(const MapReader& property, const FieldRoles& roles) {
  const std::optional<std::string> logic = property.Text("transformLogic");
  if (!logic) return false;
  if ((roles.partitioned || roles.partitioned_misspelled) && IsTransform(*logic)) return true;
  property.Note("transformLogic", "'transformLogic' is not run", "the field is read from the record");
  return false;
}

}  // namespace

Property ReadProperty(const YamlNode& node, const std::string& table, const Leniency& leniency,
                      Diagnostics& diagnostics) {
  Property result;
  const size_t diagnostics_before = diagnostics.size();
  if (node.kind != YamlKind::kMap) {
    diagnostics.Add(node.line,
                    fmt::format("table '{}': an entry of properties is {}", table, DescribeNode(node)),
                    "a field that begins with '- name: ...' was expected");
    return result;
  }
  const Nesting nesting{
      table + "." + UncheckedName(node), 1, FieldPlace(), &result.roles, &leniency, leniency.coercions};
  const MapReader property(node, "field " + Quoted(nesting.path), {kPropertyKeys, kPassedKeys, kNotedKeys},
                           diagnostics);
  ReadName(property, result.field);
  const FieldRoles roles = ReadRoles(property);
  result.roles.push_back({{}, roles});
  result.derived = IsDerivation(property, roles);
  if (result.derived) {
    const CustomProperties none(property, PropertyOwner::kOther);
    result.derivation = ReadDerivation(property, *property.Text("transformLogic"));
  } else {
    ReadField(property, nesting, result.field);
  }
  result.valid = diagnostics.size() == diagnostics_before;
  return result;
}

void CheckAliases(const std::vector<Field>& fields, const std::string& path, Diagnostics& diagnostics) {
  NameSet names;
  for (const Field& field : fields) names.Add(field.name, field.line);
  for (const Field& field : fields) {
    for (const std::string& alias : field.aliases) {
      if (names.Add(alias, field.line).empty()) continue;
      diagnostics.Add(field.line,
                      fmt::format("field {}: the alias {} is the name of another field",
                                  Quoted(path + "." + field.name), Quoted(alias)),
                      "a name that no other field reads was expected");
    }
  }
}

const Property* FindProperty(const std::vector<Property>& properties, std::string_view name) {
  for (const Property& property : properties) {
    if (property.field.name == name) return &property;
  }
  return nullptr;
}

}  // namespace forebay
