#include "contract/table_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "base/quoted.h"
#include "contract/columns.h"
#include "contract/custom_properties.h"
#include "contract/field_place.h"
#include "contract/field_reader.h"
#include "contract/field_type.h"
#include "contract/map_reader.h"
#include "contract/names.h"
#include "contract/pattern.h"
#include "contract/table_keys.h"
#include "contract/topics.h"

namespace forebay {
namespace {

constexpr std::string_view kTableKeys[] = {"name",        "properties",   "customProperties",
                                           "logicalType", "physicalName", "physicalType"};
constexpr std::string_view kPassedTableKeys[] = {"authoritativeDefinitions",
                                                 "businessName",
                                                 "context",
                                                 "dataGranularityDescription",
                                                 "deprecated",
                                                 "description",
                                                 "id",
                                                 "synonyms",
                                                 "tags"};
constexpr std::string_view kNotedTableKeys[] = {"quality", "relationships"};

constexpr int64_t kMaxPartitions = 100'000;

// `also` a required field's column, since a tombstone has no value.
void SetNullable(Field& field, bool also) {
  field.nullable = !field.required || (also && field.source == FieldSource::kValue);
  for (Field& inner : field.fields) SetNullable(inner, false);
}

// Reads one table, step by step. Each step reports its own diagnostics and skips whatever an earlier step has
// reported.
class TableReader {
 public:
  explicit TableReader(const MapReader& map) : map_(map), custom_(map, PropertyOwner::kTable) {}

  std::optional<Table> Read() {
    table_.line = map_.line();
    ReadName();
    if (!IsTable() || !ReadTopics() || !HasProperties()) return std::nullopt;
    ReadProperties();
    ReadTopicSettings();
    ReadKey();
    ReadEventTime();
    ReadTombstones();
    ReadEncodings();
    ReadPrimaryKey(map_, properties_, table_);
    ReadDimensions(map_, properties_, table_);
    for (Field& field : table_.fields) SetNullable(field, table_.tombstones_are_rows);
    return std::move(table_);
  }

 private:
  void ReadName();
  void ReadProperties();
  bool IsTable() const;
  bool ReadTopics();
  bool CheckTopicName(const std::string& name) const;
  void ReadSelectors(std::vector<std::string> texts);
  bool HasProperties() const;
  std::string TopicOfPhysicalName() const;
  void ReadTopicSettings();
  void ReadKey();
  void ReadEventTime();
  void ReadTombstones();
  void ReadEncodings();

  // The place of the field named for a role ("kafka.key"). Nothing, with a diagnostic at the line of the
  // role, if there is no such field. Nothing too if the field itself is invalid.
  std::optional<FieldPlace> FieldForRole(const std::string& role, const std::string& name) const;

  const MapReader& map_;
  const CustomProperties custom_;
  Table table_;
  std::vector<Property> properties_;
};

void TableReader::ReadName() {
  const std::optional<std::string> name = map_.RequiredText("name", "the table's name");
  if (!name) return;
  table_.is_template = IsTemplateName(*name);
  table_.name = table_.is_template ? *name : NearestTableName(*name);
  if (table_.name == *name) return;
  map_.Note("name", fmt::format("the name {} cannot be that of a table's directory", Quoted(*name)),
            fmt::format("the table is {}", Quoted(table_.name)));
}

void TableReader::ReadProperties() {
  const YamlNode* list = map_.List("properties");
  if (list == nullptr && map_.Has("properties")) return;
  const Leniency leniency = ReadLeniency(custom_, {});
  NameSet names;
  for (size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    Property property = ReadProperty(*list->items[i], table_.name, leniency, map_.diagnostics());
    const Field& field = property.field;
    if (const std::string problem = names.Add(field.name, field.line); !problem.empty()) {
      map_.diagnostics().Add(field.line,
                             fmt::format("field {}: {}", Quoted(table_.name + "." + field.name), problem),
                             "a name of its own was expected");
      continue;
    }
    properties_.push_back(std::move(property));
  }
  for (const Property& property : properties_) {
    if (!property.derived) table_.fields.push_back(property.field);
  }
  CheckAliases(table_.fields, table_.name, map_.diagnostics());
  AssignColumns(table_, map_.diagnostics());
  if (table_.fields.empty() && !properties_.empty()) {
    map_.Refuse("properties", "a table without fields", "at least one field in 'properties' was expected");
  }
}

// False, with a note, for what ODCS has beside tables, such as blobs.
bool TableReader::IsTable() const {
  const std::optional<std::string> type = map_.Text("logicalType");
  if (!type || *type == "object") return true;
  map_.Note("logicalType", "it is not landed",
            fmt::format("only objects are tables, and the logicalType is {}", Quoted(*type)));
  return false;
}

// The topic that the standard's own keys name; "" if they name none.
std::string TableReader::TopicOfPhysicalName() const {
  if (const std::optional<std::string> physical = map_.Text("physicalName"))
    return TopicNameProblem(*physical).empty() ? *physical : "";
  const std::optional<std::string> type = map_.Text("physicalType");
  const bool is_topic = type && LowerCase(*type) == "topic" && TopicNameProblem(table_.name).empty();
  return is_topic ? table_.name : "";
}

bool TableReader::CheckTopicName(const std::string& name) const {
  const std::string why = TopicNameProblem(name);
  if (why.empty()) return true;
  custom_.Refuse("kafka.topic", fmt::format("the topic's name {} {}", Quoted(name), why),
                 "at most 249 ASCII letters, digits, '.', '_' and '-' were expected");
  return false;
}

// The names and patterns of several topics.
void TableReader::ReadSelectors(std::vector<std::string> texts) {
  const std::string name = map_.Text("name").value_or("");
  if (!table_.is_template && name.find('{') != std::string::npos) {
    map_.Refuse("name", fmt::format("the name {} has no placeholder between its braces", Quoted(name)),
                "{topic}, or {1} for a group of the pattern, was expected");
  }
  std::set<std::string> known;
  for (std::string& text : texts) {
    TopicSelector selector{std::move(text), nullptr};
    if (!known.insert(selector.text).second) {
      custom_.Refuse("kafka.topic", fmt::format("kafka.topic has {} twice", Quoted(selector.text)),
                     "each topic was expected once");
      continue;
    }
    if (IsTopicPattern(selector.text)) {
      Result<Pattern> pattern = Pattern::Compile(selector.text);
      if (!pattern.ok()) {
        custom_.Refuse("kafka.topic",
                       fmt::format("the pattern {} does not compile: {}", Quoted(selector.text),
                                   pattern.error().message()),
                       "a regular expression that begins with '^' was expected");
        continue;
      }
      selector.pattern = std::make_shared<const Pattern>(std::move(*pattern));
    } else if (!CheckTopicName(selector.text)) {
      continue;
    }
    if (const std::string problem = PlaceholderProblem(table_.name, selector); !problem.empty())
      map_.Refuse("name", problem, "{topic}, or the number of a group in parentheses, was expected");
    table_.topic.selectors.push_back(std::move(selector));
  }
}

// False, with a note, for a table that is not in Kafka.
bool TableReader::ReadTopics() {
  std::string& topic = table_.topic.name;
  if (custom_.IsList("kafka.topic")) {
    ReadSelectors(custom_.Texts("kafka.topic"));
    return true;
  }
  topic = custom_.Has("kafka.topic") ? custom_.Text("kafka.topic").value_or("") : TopicOfPhysicalName();
  if (!topic.empty() && (table_.is_template || IsTopicPattern(topic))) {
    ReadSelectors({std::exchange(topic, "")});
    return true;
  }
  if (!topic.empty()) CheckTopicName(topic);
  if (!topic.empty() || custom_.Has("kafka.topic")) return true;
  if (!custom_.empty()) {
    custom_.Require("kafka.topic", "the topic's name was expected");
    return true;
  }
  map_.Note("name", "it is not landed", "the custom property kafka.topic, or physicalName, names a topic");
  return false;
}

// False, with a note, for a table whose fields the contract does not have: a schema registry may have them.
bool TableReader::HasProperties() const {
  const YamlNode* const list = map_.Find("properties");
  const bool is_empty = list == nullptr || (list->kind == YamlKind::kList && list->items.empty());
  if (!is_empty || map_.IsMisspelled("properties")) return true;
  map_.Note("name", "it is not landed",
            "it has no 'properties'; `forebay contract infer` writes those of a topic");
  return false;
}

void TableReader::ReadTopicSettings() {
  TopicSettings& topic = table_.topic;
  const int64_t partitions = custom_.Integer("kafka.partitions").value_or(1);
  if (partitions < 1 || partitions > kMaxPartitions) {
    custom_.Refuse("kafka.partitions", fmt::format("kafka.partitions is {}", partitions),
                   fmt::format("a number from 1 to {} was expected", kMaxPartitions));
  } else {
    topic.partitions = static_cast<int32_t>(partitions);
    topic.partitions_known = custom_.Has("kafka.partitions");
  }
  topic.retention_ms = custom_.Integer("kafka.retention.ms");
  if (topic.retention_ms && (*topic.retention_ms < -1 || *topic.retention_ms == 0)) {
    custom_.Refuse("kafka.retention.ms", fmt::format("kafka.retention.ms is {}", *topic.retention_ms),
                   "milliseconds, or -1 for no limit, were expected");
  }
  topic.cleanup_policy = custom_.Text("kafka.cleanup.policy").value_or("delete");
  if (topic.cleanup_policy != "delete" && topic.cleanup_policy != "compact" &&
      topic.cleanup_policy != "compact,delete") {
    custom_.Refuse("kafka.cleanup.policy",
                   fmt::format("kafka.cleanup.policy is {}", Quoted(topic.cleanup_policy)),
                   "delete, compact or \"compact,delete\" was expected");
  }
}

std::optional<FieldPlace> TableReader::FieldForRole(const std::string& role, const std::string& name) const {
  if (const std::optional<FieldPlace> place = FindPlace(table_.fields, name)) {
    if (FindProperty(properties_, table_.fields[place->front()].name)->valid) return place;
    return std::nullopt;
  }
  const std::vector<std::string> paths = PathsOf(table_.fields);
  const std::string_view nearest =
      NearestName(name, std::vector<std::string_view>(paths.begin(), paths.end()));
  custom_.Refuse(role, fmt::format("{} names {}, which is not a field of the record", role, Quoted(name)),
                 nearest.empty() ? "the name or path of a field in 'properties' was expected"
                                 : fmt::format("did you mean '{}'?", nearest));
  return std::nullopt;
}

void TableReader::ReadKey() {
  const std::optional<std::string> name = custom_.Text("kafka.key");
  if (!name) return;
  const std::optional<FieldPlace> place = FieldForRole("kafka.key", *name);
  if (!place) return;
  const FieldType type = FieldAt(table_, *place).type;
  if (!IsScalar(type)) {
    custom_.Refuse("kafka.key", fmt::format("kafka.key names '{}', which is {}", *name, FieldTypeName(type)),
                   "a field that is neither object nor array was expected");
    return;
  }
  table_.key = *place;
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
  const bool of_kafka = *name == kKafkaTimestampName && !FindPlace(table_.fields, *name);
  const std::optional<FieldPlace> place = of_kafka ? FieldPlace() : FieldForRole("eventTime", *name);
  if (!place) return;
  const FieldType type = FieldAt(table_, *place).type;
  if (type == FieldType::kLocalTimestamp) {
    custom_.Refuse("eventTime", fmt::format("eventTime names '{}', a timestamp without a time zone", *name),
                   "'defaultTimezone' of its logicalTypeOptions, which says the zone, was expected");
    return;
  }
  if (type != FieldType::kTimestamp && type != FieldType::kDate) {
    custom_.Refuse("eventTime", fmt::format("eventTime names '{}', which is {}", *name, FieldTypeName(type)),
                   "a timestamp or date was expected");
    return;
  }
  table_.event_time = *place;
}

void TableReader::ReadTombstones() {
  const std::optional<std::string> tombstones = custom_.Text("kafka.tombstones");
  if (!tombstones) return;
  table_.tombstones_are_rows = *tombstones == "rows";
  if (*tombstones == "rows" || *tombstones == "skip") return;
  custom_.Refuse("kafka.tombstones", fmt::format("kafka.tombstones is {}", Quoted(*tombstones)),
                 "rows or skip was expected");
}

void TableReader::ReadEncodings() {
  const std::optional<std::string> encodings = custom_.Text("parquet.encodings");
  if (!encodings) return;
  if (*encodings == "plain") {
    table_.encodings = Encodings::kPlain;
  } else if (*encodings == "delta-times") {
    table_.encodings = Encodings::kDeltaTimes;
  } else if (*encodings == "delta") {
    table_.encodings = Encodings::kDelta;
  } else {
    custom_.Refuse("parquet.encodings", fmt::format("parquet.encodings is {}", Quoted(*encodings)),
                   "plain, delta-times or delta was expected");
  }
}

}  // namespace

std::optional<Table> ReadTable(const YamlNode& node, Diagnostics& diagnostics) {
  if (node.kind != YamlKind::kMap) {
    diagnostics.Add(node.line, fmt::format("schema: an entry is {}", DescribeNode(node)),
                    "a table that begins with '- name: ...' was expected");
    return std::nullopt;
  }
  std::string name = "(no name)";
  for (const YamlMember& member : node.members) {
    if (member.key == "name" && member.value->kind == YamlKind::kScalar) name = member.value->text;
  }
  const MapReader map(node, "table " + Quoted(name), {kTableKeys, kPassedTableKeys, kNotedTableKeys},
                      diagnostics);
  return TableReader(map).Read();
}

}  // namespace forebay
