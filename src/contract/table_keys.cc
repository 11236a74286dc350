#include "contract/table_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/quoted.h"
#include "contract/field_type.h"

namespace forebay {
namespace {

// A property as a member of the primary key or of the partition dimensions.
struct Member {
  const Property* property;
  std::optional<int64_t> position;
  int line;
};

// State shared by the checks of one table.
class KeyReader {
 public:
  KeyReader(const MapReader& map, const std::vector<Property>& properties, Table& table)
      : map_(map), properties_(properties), table_(table) {}

  // Sorts the members by position. Those without one follow, in the contract's order.
  void Order(const char* key, std::vector<Member>& members) const;
  void AddToPrimaryKey(const Member& member);
  void AddDimension(const Member& member);

 private:
  void CheckIdentity(const Member& member) const;
  void ReadDerived(const Property& property, PartitionDimension& dimension) const;
  void Refuse(const Member& member, const std::string& wrong, const std::string& expected) const {
    RefuseProperty(map_, table_, *member.property, member.line, wrong, expected);
  }
  size_t IndexOf(const Property& property) const { return *table_.FindField(property.field.name); }

  const MapReader& map_;
  const std::vector<Property>& properties_;
  Table& table_;
};

void KeyReader::Order(const char* key, std::vector<Member>& members) const {
  std::map<int64_t, const Property*> by_position;
  for (const Member& member : members) {
    if (!member.position) continue;
    const auto [first, added] = by_position.emplace(*member.position, member.property);
    if (added) continue;
    Refuse(member,
           fmt::format("duplicate {} {}, also of '{}'", key, *member.position, first->second->field.name),
           "a position of its own, or none, was expected");
  }
  std::stable_sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
    return a.position.value_or(INT64_MAX) < b.position.value_or(INT64_MAX);
  });
}

void KeyReader::AddToPrimaryKey(const Member& member) {
  if (!member.property->valid) return;
  const Field& field = member.property->field;
  if (!IsScalar(field.type) && field.type != FieldType::kJson) {
    Refuse(member, fmt::format("the primary key has {}", FieldTypeName(field.type)),
           "a field that is neither object nor array was expected");
  }
  table_.primary_key.push_back(IndexOf(*member.property));
}

void KeyReader::CheckIdentity(const Member& member) const {
  const Field& field = member.property->field;
  const bool fits = field.type == FieldType::kString || field.type == FieldType::kInteger ||
                    field.type == FieldType::kBoolean || field.type == FieldType::kDate;
  if (!fits) {
    const bool timestamp = field.type == FieldType::kTimestamp;
    Refuse(member, fmt::format("{} is a partition dimension", FieldTypeName(field.type)),
           timestamp
               ? fmt::format("a property of its own with 'transformLogic: date({})' was expected", field.name)
               : "a string, integer, boolean or date was expected");
  } else if (!field.required) {
    Refuse(member, "an optional field is a partition dimension",
           "'required: true' was expected: a record without it has no directory");
  }
}

void KeyReader::ReadDerived(const Property& property, PartitionDimension& dimension) const {
  const Derivation& derivation = *property.derivation;
  const bool date = derivation.transform == PartitionTransform::kDate;
  dimension.transform = derivation.transform;
  const Property* source = FindProperty(properties_, derivation.source);
  if (source == nullptr || source->derived) {
    RefuseProperty(
        map_, table_, property, derivation.line,
        fmt::format("transformLogic names {}, which is not a field of the record", Quoted(derivation.source)),
        "the name of a field in 'properties' was expected");
    return;
  }
  if (!source->valid) return;
  const FieldType type = source->field.type;
  const bool fits = type == FieldType::kTimestamp || (date && type == FieldType::kDate);
  if (!fits || !source->field.required) {
    RefuseProperty(
        map_, table_, property, derivation.line,
        fmt::format("transformLogic names '{}', which is {}", derivation.source,
                    fits ? "optional" : FieldTypeName(type)),
        fmt::format("a {} with 'required: true' was expected", date ? "timestamp or date" : "timestamp"));
    return;
  }
  if (type == FieldType::kDate && !derivation.time_zone.empty()) {
    RefuseProperty(map_, table_, property, derivation.line,
                   fmt::format("transformLogic gives the date '{}' a time zone", derivation.source),
                   fmt::format("date({}), or a timestamp, was expected", derivation.source));
    return;
  }
  dimension.source = IndexOf(*source);
  dimension.time_zone = derivation.time_zone;
  dimension.line = derivation.line;
}

void KeyReader::AddDimension(const Member& member) {
  const Property& property = *member.property;
  PartitionDimension dimension;
  dimension.name = property.field.name;
  if (property.derivation) {
    ReadDerived(property, dimension);
  } else if (!property.derived && property.valid) {
    CheckIdentity(member);
    dimension.source = IndexOf(property);
  }
  table_.dimensions.push_back(std::move(dimension));
}

}  // namespace

void ReadPrimaryKey(const MapReader& map, const std::vector<Property>& properties, Table& table) {
  std::vector<Member> members;
  for (const Property& property : properties) {
    if (!property.in_primary_key || property.derived) continue;
    members.push_back({&property, property.primary_key_position, property.primary_key_line});
  }
  KeyReader reader(map, properties, table);
  reader.Order("primaryKeyPosition", members);
  for (const Member& member : members) reader.AddToPrimaryKey(member);
}

void ReadDimensions(const MapReader& map, const std::vector<Property>& properties, Table& table) {
  std::vector<Member> members;
  for (const Property& property : properties) {
    if (property.partitioned)
      members.push_back({&property, property.partition_position, property.partition_line});
  }
  KeyReader reader(map, properties, table);
  reader.Order("partitionKeyPosition", members);
  for (const Member& member : members) reader.AddDimension(member);
  const bool all_valid =
      std::all_of(properties.begin(), properties.end(), [](const Property& p) { return p.valid; });
  if (members.empty() && !properties.empty() && all_valid) {
    map.Refuse(
        "properties", "missing partition dimension",
        "a property with 'partitioned: true' was expected, such as one with 'transformLogic: date(FIELD)'");
  }
}

void RefuseProperty(const MapReader& map, const Table& table, const Property& property, int line,
                    const std::string& wrong, const std::string& expected) {
  map.diagnostics().Add(
      line, fmt::format("field {}: {}", Quoted(table.name + "." + property.field.name), wrong), expected);
}

}  // namespace forebay
