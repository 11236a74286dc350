#include "contract/table_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/quoted.h"
#include "contract/columns.h"
#include "contract/field_place.h"
#include "contract/field_type.h"

namespace forebay {
namespace {

// A field, or a derived dimension, as a member of the primary key or of the partition dimensions.
struct Member {
  const Property* property;
  FieldPlace place;  // empty: a derived dimension
  std::optional<int64_t> position;
  int line;
};

// State shared by the checks of one table.
class KeyReader {
 public:
  KeyReader(const MapReader& map, const std::vector<Property>& properties, Table& table)
      : map_(map), properties_(properties), table_(table) {}

  std::vector<Member> PrimaryKeyMembers() const;
  std::vector<Member> DimensionMembers() const;
  // Sorts the members by position. Those without one follow, in the contract's order.
  void Order(const char* key, std::vector<Member>& members) const;
  void AddToPrimaryKey(const Member& member);
  void AddDimension(const Member& member);

 private:
  FieldPlace PlaceOf(const Property& property, const FieldPlace& members) const;
  std::string PathOf(const Member& member) const {
    return member.place.empty() ? member.property->field.name : PathAt(table_, member.place);
  }
  void AddIdentity(const Member& member);
  void AddDerived(const Property& property);
  void AddDateOf(const Member& member);
  std::optional<FieldPlace> SourceOf(const Property& property) const;
  void Refuse(const Member& member, const std::string& wrong, const std::string& expected) const {
    map_.diagnostics().Add(member.line, What(PathOf(member)) + wrong, expected);
  }
  void Note(const Member& member, const std::string& fact, const std::string& consequence) const {
    map_.diagnostics().AddNote(member.line, What(PathOf(member)) + fact, consequence);
  }
  std::string What(const std::string& path) const {
    return fmt::format("field {}: ", Quoted(table_.name + "." + path));
  }

  const MapReader& map_;
  const std::vector<Property>& properties_;
  Table& table_;
};

FieldPlace KeyReader::PlaceOf(const Property& property, const FieldPlace& members) const {
  if (property.derived) return {};
  FieldPlace place = *FindPlace(table_.fields, property.field.name);
  place.insert(place.end(), members.begin(), members.end());
  return place;
}

std::vector<Member> KeyReader::PrimaryKeyMembers() const {
  std::vector<Member> members;
  for (const Property& property : properties_) {
    if (property.derived || !property.valid) continue;
    for (const auto& [place, roles] : property.roles) {
      if (!roles.in_primary_key) continue;
      members.push_back(
          {&property, PlaceOf(property, place), roles.primary_key_position, roles.primary_key_line});
    }
  }
  return members;
}

std::vector<Member> KeyReader::DimensionMembers() const {
  std::vector<Member> members;
  for (const Property& property : properties_) {
    for (const auto& [place, roles] : property.roles) {
      if (!roles.partitioned || (!property.derived && !property.valid)) continue;
      members.push_back(
          {&property, PlaceOf(property, place), roles.partition_position, roles.partition_line});
    }
  }
  return members;
}

void KeyReader::Order(const char* key, std::vector<Member>& members) const {
  std::map<int64_t, const Member*> by_position;
  for (const Member& member : members) {
    if (!member.position) continue;
    const auto [first, added] = by_position.emplace(*member.position, &member);
    if (added) continue;
    Refuse(member,
           fmt::format("duplicate {} {}, also of '{}'", key, *member.position, PathOf(*first->second)),
           "a position of its own, or none, was expected");
  }
  std::stable_sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
    return a.position.value_or(INT64_MAX) < b.position.value_or(INT64_MAX);
  });
}

void KeyReader::AddToPrimaryKey(const Member& member) {
  const FieldType type = FieldAt(table_, member.place).type;
  if (!IsScalar(type) && type != FieldType::kJson) {
    return Note(member, fmt::format("the primary key has {}", FieldTypeName(type)),
                "it is not compared as a part of the key");
  }
  table_.primary_key.push_back(member.place);
}

void KeyReader::AddIdentity(const Member& member) {
  const Field& field = FieldAt(table_, member.place);
  const bool own = member.place.size() == 1;
  PartitionDimension dimension;
  dimension.source = member.place;
  dimension.name =
      DimensionName(table_, field.column, own ? std::optional(member.place.front()) : std::nullopt,
                    member.line, map_.diagnostics());
  if (own) table_.fields[member.place.front()].column = dimension.name;
  table_.dimensions.push_back(std::move(dimension));
}

// A timestamp names no directory: it would make one for each microsecond.
void KeyReader::AddDateOf(const Member& member) {
  PartitionDimension dimension;
  dimension.transform = PartitionTransform::kDate;
  dimension.source = member.place;
  dimension.name = DimensionName(table_, FieldAt(table_, member.place).column + "_date", std::nullopt,
                                 member.line, map_.diagnostics());
  Note(member, "a timestamp is a partition dimension",
       fmt::format("the dimension is its date, {}", table_.DescribeDimension(dimension)));
  table_.dimensions.push_back(std::move(dimension));
}

// Nothing, with a diagnostic, if the derivation names no field that it can use.
std::optional<FieldPlace> KeyReader::SourceOf(const Property& property) const {
  const Derivation& derivation = *property.derivation;
  const auto refuse = [&](const std::string& wrong, const std::string& expected) {
    map_.diagnostics().Add(derivation.line, What(property.field.name) + wrong, expected);
    return std::nullopt;
  };
  const std::optional<FieldPlace> place = FindPlace(table_.fields, derivation.source);
  if (!place && derivation.source == kKafkaTimestampName) return FieldPlace();
  if (!place) {
    return refuse(
        fmt::format("transformLogic names {}, which is not a field of the record", Quoted(derivation.source)),
        "the name or path of a field in 'properties' was expected");
  }
  if (!FindProperty(properties_, table_.fields[place->front()].name)->valid) return std::nullopt;
  const bool hour = derivation.transform == PartitionTransform::kHour;
  const FieldType type = FieldAt(table_, *place).type;
  const bool is_timestamp = type == FieldType::kTimestamp || type == FieldType::kLocalTimestamp;
  if (!is_timestamp && (hour || type != FieldType::kDate)) {
    return refuse(
        fmt::format("transformLogic names '{}', which is {}", derivation.source, FieldTypeName(type)),
        fmt::format("a {} was expected", hour ? "timestamp" : "timestamp or date"));
  }
  if (type != FieldType::kTimestamp && !derivation.time_zone.empty()) {
    return refuse(fmt::format("transformLogic gives '{}', which is {}, a time zone", derivation.source,
                              FieldTypeName(type)),
                  fmt::format("{}({}), or a timestamp with a time zone, was expected",
                              TransformName(derivation.transform), derivation.source));
  }
  return place;
}

void KeyReader::AddDerived(const Property& property) {
  if (!property.derivation) return;
  const std::optional<FieldPlace> source = SourceOf(property);
  if (!source) return;
  const Field& field = property.field;
  PartitionDimension dimension;
  dimension.transform = property.derivation->transform;
  dimension.source = *source;
  dimension.time_zone = property.derivation->time_zone;
  dimension.line = property.derivation->line;
  dimension.name = DimensionName(table_, field.column.empty() ? field.name : field.column, std::nullopt,
                                 field.line, map_.diagnostics());
  table_.dimensions.push_back(std::move(dimension));
}

void KeyReader::AddDimension(const Member& member) {
  if (member.property->derived) return AddDerived(*member.property);
  const FieldType type = FieldAt(table_, member.place).type;
  const bool identity = type == FieldType::kString || type == FieldType::kInteger ||
                        type == FieldType::kBoolean || type == FieldType::kDate;
  if (identity) return AddIdentity(member);
  if (type == FieldType::kTimestamp || type == FieldType::kLocalTimestamp) return AddDateOf(member);
  Note(member, fmt::format("{} is a partition dimension", FieldTypeName(type)),
       "it is not used: only strings, integers, booleans, dates and timestamps name directories");
}

}  // namespace

void ReadPrimaryKey(const MapReader& map, const std::vector<Property>& properties, Table& table) {
  KeyReader reader(map, properties, table);
  std::vector<Member> members = reader.PrimaryKeyMembers();
  reader.Order("primaryKeyPosition", members);
  for (const Member& member : members) reader.AddToPrimaryKey(member);
}

void ReadDimensions(const MapReader& map, const std::vector<Property>& properties, Table& table) {
  KeyReader reader(map, properties, table);
  std::vector<Member> members = reader.DimensionMembers();
  reader.Order("partitionKeyPosition", members);
  for (const Member& member : members) reader.AddDimension(member);
  const bool all_valid =
      std::all_of(properties.begin(), properties.end(), [](const Property& p) { return p.valid; });
  if (table.dimensions.empty() && !properties.empty() && all_valid)
    map.Note("properties", "no partition dimension", "all files of the table are in one directory");
}

}  // namespace forebay
