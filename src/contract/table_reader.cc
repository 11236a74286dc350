#include "contract/table_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "contract/custom_properties.h"
#include "contract/field_reader.h"
#include "contract/field_type.h"
#include "contract/map_reader.h"
#include "contract/names.h"

namespace forebay {
namespace {

constexpr std::string_view kTableKeys[] = {"name", "properties", "customProperties", "logicalType",
                                           "physicalName"};
constexpr std::string_view kPassedTableKeys[] = {"authoritativeDefinitions",
                                                 "businessName",
                                                 "context",
                                                 "dataGranularityDescription",
                                                 "deprecated",
                                                 "description",
                                                 "id",
                                                 "physicalType",
                                                 "quality",
                                                 "relationships",
                                                 "synonyms",
                                                 "tags"};

constexpr int64_t kMaxPartitions = 100'000;

bool IsScalar(FieldType type) {
  return type != FieldType::kObject && type != FieldType::kArray;
}

// Reads one table, step by step; each step reports its own mistakes and leaves alone what an earlier one has
// reported.
class TableReader {
 public:
  explicit TableReader(const MapReader& map) : map_(map), custom_(map) {}

  Table Read() {
    table_.line = map_.line();
    ReadName();
    ReadProperties();
    ReadTopic();
    ReadKey();
    ReadEventTime();
    ReadPrimaryKey();
    ReadDimensions();
    return std::move(table_);
  }

 private:
  void ReadName();
  void ReadProperties();
  void CheckPropertyName(const Property& property);
  void ReadTopic();
  void ReadKey();
  void ReadEventTime();
  void ReadPrimaryKey();
  void ReadDimensions();
  void ReadDimension(const Property& property);
  void ReadDerivedDimension(const Property& property, PartitionDimension& dimension);
  void CheckIdentityDimension(const Property& property);
  void CheckPositions(const std::vector<const Property*>& members, bool partition);

  const Property* FindProperty(std::string_view name) const;
  // The field of that name for a role ("kafka.key"), with a mistake at the role's line where there is none.
  // Null too where the field itself is wrong.
  const Property* FieldForRole(const std::string& role, const std::string& name) const;
  size_t IndexOf(const Property& property) const { return *table_.FindField(property.field.name); }
  void RefuseProperty(const Property& property, int line, const std::string& wrong,
                      const std::string& expected) const {
    map_.mistakes().Add(line, fmt::format("field '{}.{}': {}", table_.name, property.field.name, wrong),
                        expected);
  }

  const MapReader& map_;
  const CustomProperties custom_;
  Table table_;
  std::vector<Property> properties_;
};

void TableReader::ReadName() {
  const std::optional<std::string> name = map_.RequiredText("name", "the table's name");
  if (name) {
    table_.name = *name;
    const std::string unsafe = WhyUnsafeName(*name, kMaxTableName);
    if (!unsafe.empty()) {
      map_.Refuse("name", fmt::format("the name {} {}", Quoted(*name), unsafe), kSafeNameExpected);
    } else if (LowerCase(*name) == "quarantine" || name->front() == '_') {
      map_.Refuse("name", fmt::format("the name '{}' is reserved", *name),
                  "a name other than quarantine that does not begin with '_' was expected");
    }
    const std::optional<std::string> physical = map_.Text("physicalName");
    if (physical && *physical != *name) {
      map_.Refuse("physicalName",
                  fmt::format("physicalName {} differs from the name {}", Quoted(*physical), Quoted(*name)),
                  "the same name, or no physicalName, was expected");
    }
  }
  const std::optional<std::string> type = map_.Text("logicalType");
  if (type && *type != "object") {
    map_.Refuse("logicalType", fmt::format("the logicalType of a table is {}", Quoted(*type)),
                "object was expected");
  }
}

void TableReader::CheckPropertyName(const Property& property) {
  const std::string& name = property.field.name;
  const std::string lower = LowerCase(name);
  if (lower.starts_with("_kafka_") || lower == "_extra") {
    RefuseProperty(property, property.field.line, "the name is reserved for what Forebay adds to each row",
                   "a name other than _extra that does not begin with _kafka_ was expected");
  }
  if (!property.partitioned) return;
  if (name.starts_with("_")) {
    RefuseProperty(property, property.field.line, "a partition dimension begins with '_'",
                   "another name was expected: readers skip directories that begin so");
  }
  if (name.size() > kMaxDimensionName) {
    RefuseProperty(
        property, property.field.line,
        fmt::format("a partition dimension's name has {} characters", name.size()),
        fmt::format("at most {} were expected: it is part of a directory's name", kMaxDimensionName));
  }
}

void TableReader::ReadProperties() {
  const YamlNode* list = map_.List("properties");
  if (list == nullptr && map_.Has("properties")) return;
  NameSet names;
  for (size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    Property property = ReadProperty(*list->items[i], table_.name, map_.mistakes());
    if (const std::string taken = names.Add(property.field.name, property.field.line); !taken.empty()) {
      RefuseProperty(property, property.field.line, taken, kUniqueNameExpected);
      continue;
    }
    CheckPropertyName(property);
    properties_.push_back(std::move(property));
  }
  for (const Property& property : properties_) {
    if (!property.derived) table_.fields.push_back(property.field);
  }
  if (table_.fields.empty() && (list == nullptr || list->items.empty() || !properties_.empty())) {
    map_.Refuse("properties", "a table without fields", "at least one field in 'properties' was expected");
  }
}

void TableReader::ReadTopic() {
  if (!custom_.Has("kafka.topic")) {
    map_.Refuse("customProperties", "the custom property kafka.topic is missing",
                "the topic's name was expected");
  }
  TopicSettings& topic = table_.topic;
  topic.name = custom_.Text("kafka.topic").value_or("");
  if (const std::string why = WhyNoTopicName(topic.name); !why.empty()) {
    custom_.Refuse("kafka.topic", fmt::format("the topic's name {} {}", Quoted(topic.name), why),
                   "at most 249 ASCII letters, digits, '.', '_' and '-' were expected");
  }
  const int64_t partitions = custom_.Integer("kafka.partitions").value_or(1);
  if (partitions < 1 || partitions > kMaxPartitions) {
    custom_.Refuse("kafka.partitions", fmt::format("kafka.partitions is {}", partitions),
                   fmt::format("a number from 1 to {} was expected", kMaxPartitions));
  } else {
    topic.partitions = static_cast<int32_t>(partitions);
  }
  topic.retention_ms = custom_.Integer("kafka.retention.ms").value_or(-1);
  if (topic.retention_ms < -1 || topic.retention_ms == 0) {
    custom_.Refuse("kafka.retention.ms", fmt::format("kafka.retention.ms is {}", topic.retention_ms),
                   "milliseconds, or -1 for ever, were expected");
  }
  topic.cleanup_policy = custom_.Text("kafka.cleanup.policy").value_or("delete");
  if (topic.cleanup_policy != "delete" && topic.cleanup_policy != "compact" &&
      topic.cleanup_policy != "compact,delete") {
    custom_.Refuse("kafka.cleanup.policy",
                   fmt::format("kafka.cleanup.policy is {}", Quoted(topic.cleanup_policy)),
                   "delete, compact or \"compact,delete\" was expected");
  } else if (topic.cleanup_policy != "delete" && !custom_.Has("kafka.key")) {
    custom_.Refuse("kafka.cleanup.policy", "a compacted topic needs keys",
                   "the custom property kafka.key was expected");
  }
}

const Property* TableReader::FindProperty(std::string_view name) const {
  for (const Property& property : properties_) {
    if (property.field.name == name) return &property;
  }
  return nullptr;
}

const Property* TableReader::FieldForRole(const std::string& role, const std::string& name) const {
  const Property* property = FindProperty(name);
  if (property != nullptr && !property->derived) return property->sound ? property : nullptr;
  std::vector<std::string_view> names;
  for (const Field& field : table_.fields) names.push_back(field.name);
  const std::string_view nearest = NearestName(name, names);
  custom_.Refuse(role, fmt::format("{} names {}, which is no field of the record", role, Quoted(name)),
                 nearest.empty() ? "the name of a field in 'properties' was expected"
                                 : fmt::format("did you mean '{}'?", nearest));
  return nullptr;
}

void TableReader::ReadKey() {
  const std::optional<std::string> name = custom_.Text("kafka.key");
  if (!name) return;
  const Property* property = FieldForRole("kafka.key", *name);
  if (property == nullptr) return;
  if (!IsScalar(property->field.type) || !property->field.required) {
    custom_.Refuse(
        "kafka.key",
        fmt::format("kafka.key names '{}', which is {}", *name,
                    IsScalar(property->field.type) ? "optional" : FieldTypeName(property->field.type)),
        "a field with 'required: true' that is neither object nor array was expected");
    return;
  }
  table_.key = IndexOf(*property);
}

void TableReader::ReadEventTime() {
  const std::optional<std::string> name = custom_.Text("eventTime");
  if (const std::optional<int64_t> ahead = custom_.DurationMs("eventTime.maxAhead"))
    table_.max_ahead_ms = *ahead;
  table_.max_behind_ms = custom_.DurationMs("eventTime.maxBehind");
  if (!custom_.Has("eventTime")) {
    for (const char* role : {"eventTime.maxAhead", "eventTime.maxBehind"}) {
      if (custom_.Has(role))
        custom_.Refuse(role, fmt::format("{} without eventTime", role),
                       "the custom property eventTime was expected");
    }
  }
  if (!name) return;
  const Property* property = FieldForRole("eventTime", *name);
  if (property == nullptr) return;
  const FieldType type = property->field.type;
  const bool time = type == FieldType::kTimestamp || type == FieldType::kDate;
  if (!time || !property->field.required) {
    custom_.Refuse(
        "eventTime",
        fmt::format("eventTime names '{}', which is {}", *name, time ? "optional" : FieldTypeName(type)),
        "a timestamp or date with 'required: true' was expected");
    return;
  }
  table_.event_time = IndexOf(*property);
}

// Positions are 1, 2, ... without gap or repeat; a single one may leave its position out.
void TableReader::CheckPositions(const std::vector<const Property*>& members, bool partition) {
  const std::string key = partition ? "partitionKeyPosition" : "primaryKeyPosition";
  const std::string expected = fmt::format("the {}s 1 to {}, each once, were expected", key, members.size());
  std::vector<const Property*> seen(members.size(), nullptr);
  for (const Property* member : members) {
    const std::optional<int64_t> position =
        partition ? member->partition_position : member->primary_key_position;
    const int line = partition ? member->partition_line : member->primary_key_line;
    if (!position) {
      if (members.size() > 1) RefuseProperty(*member, line, fmt::format("no {}", key), expected);
    } else if (*position < 1 || *position > static_cast<int64_t>(members.size())) {
      RefuseProperty(*member, line, fmt::format("{} {}", key, *position),
                     members.size() > 1 ? expected : fmt::format("{} 1 was expected", key));
    } else if (const Property*& taken = seen[static_cast<size_t>(*position - 1)]; taken != nullptr) {
      RefuseProperty(*member, line,
                     fmt::format("{} {} is that of '{}' too", key, *position, taken->field.name), expected);
    } else {
      taken = member;
    }
  }
}

void TableReader::ReadPrimaryKey() {
  std::vector<const Property*> members;
  for (const Property& property : properties_) {
    if (property.in_primary_key && !property.derived) members.push_back(&property);
  }
  CheckPositions(members, false);
  std::stable_sort(members.begin(), members.end(), [](const Property* a, const Property* b) {
    return a->primary_key_position.value_or(1) < b->primary_key_position.value_or(1);
  });
  for (const Property* member : members) {
    if (!member->sound) continue;
    if (!IsScalar(member->field.type) || !member->field.required) {
      RefuseProperty(
          *member, member->primary_key_line,
          fmt::format("the primary key has {}",
                      IsScalar(member->field.type) ? "an optional field" : FieldTypeName(member->field.type)),
          "a field with 'required: true' that is neither object nor array was expected");
    }
    table_.primary_key.push_back(IndexOf(*member));
  }
}

void TableReader::CheckIdentityDimension(const Property& property) {
  const FieldType type = property.field.type;
  const bool fits = type == FieldType::kString || type == FieldType::kInteger ||
                    type == FieldType::kBoolean || type == FieldType::kDate;
  if (!fits) {
    RefuseProperty(property, property.partition_line,
                   fmt::format("{} is a partition dimension", FieldTypeName(type)),
                   type == FieldType::kTimestamp
                       ? fmt::format("a property of its own with 'transformLogic: date({})' was expected",
                                     property.field.name)
                       : "a string, integer, boolean or date was expected");
  } else if (!property.field.required) {
    RefuseProperty(property, property.partition_line, "an optional field is a partition dimension",
                   "'required: true' was expected: a record without it has no directory");
  }
}

void TableReader::ReadDerivedDimension(const Property& property, PartitionDimension& dimension) {
  const Derivation& derivation = *property.derivation;
  const bool date = derivation.transform == PartitionTransform::kDate;
  dimension.transform = derivation.transform;
  const Property* source = FindProperty(derivation.source);
  if (source == nullptr || source->derived) {
    RefuseProperty(
        property, property.field.line,
        fmt::format("transformLogic names {}, which is no field of the record", Quoted(derivation.source)),
        "the name of a field in 'properties' was expected");
    return;
  }
  if (!source->sound) return;
  const FieldType type = source->field.type;
  const bool fits = type == FieldType::kTimestamp || (date && type == FieldType::kDate);
  if (!fits || !source->field.required) {
    RefuseProperty(
        property, property.field.line,
        fmt::format("transformLogic names '{}', which is {}", derivation.source,
                    fits ? "optional" : FieldTypeName(type)),
        fmt::format("a {} with 'required: true' was expected", date ? "timestamp or date" : "timestamp"));
    return;
  }
  dimension.source = IndexOf(*source);
}

void TableReader::ReadDimension(const Property& property) {
  PartitionDimension dimension;
  dimension.name = property.field.name;
  if (property.derivation) {
    ReadDerivedDimension(property, dimension);
  } else if (!property.derived && property.sound) {
    CheckIdentityDimension(property);
    dimension.source = IndexOf(property);
  }
  table_.dimensions.push_back(std::move(dimension));
}

void TableReader::ReadDimensions() {
  std::vector<const Property*> members;
  for (const Property& property : properties_) {
    if (property.partitioned) members.push_back(&property);
  }
  CheckPositions(members, true);
  std::stable_sort(members.begin(), members.end(), [](const Property* a, const Property* b) {
    return a->partition_position.value_or(1) < b->partition_position.value_or(1);
  });
  for (const Property* member : members) ReadDimension(*member);
  if (members.empty() && !properties_.empty()) {
    map_.Refuse("properties", "a table without a partition dimension",
                "a property with 'partitioned: true' was expected, such as 'transformLogic: date(FIELD)'");
  }
}

}  // namespace

Table ReadTable(const YamlNode& node, Mistakes& mistakes) {
  if (node.kind != YamlKind::kMap) {
    mistakes.Add(node.line, fmt::format("schema: an entry is {}", DescribeNode(node)),
                 "a table that begins with '- name: ...' was expected");
    return {};
  }
  std::string name = "(no name)";
  for (const YamlMember& member : node.members) {
    if (member.key == "name" && member.value->kind == YamlKind::kScalar) name = member.value->text;
  }
  const MapReader map(node, "table " + Quoted(name), {kTableKeys, kPassedTableKeys}, mistakes);
  return TableReader(map).Read();
}

}  // namespace forebay
