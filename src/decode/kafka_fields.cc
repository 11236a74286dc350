#include "decode/kafka_fields.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/quoted.h"
#include "base/utf8.h"
#include "decode/json_text.h"

namespace forebay {
namespace {

Reason ReasonOf(JsonError error) {
  switch (error) {
    case JsonError::kNotUtf8:
    case JsonError::kBadEscape:
      return Reason::kNotUtf8;
    case JsonError::kTooDeep:
      return Reason::kTooDeep;
    case JsonError::kDuplicateMember:
      return Reason::kDuplicateMember;
    default:
      return Reason::kNotJson;
  }
}

// The whole text must be one JSON value.
JsonError CheckJson(std::string_view json, int max_depth) {
  JsonReader reader;
  std::string arena;
  arena.reserve(json.size());
  reader.Reset(json, &arena, max_depth);
  if (reader.Peek() == JsonType::kNone) return IsUtf8(json) ? JsonError::kSyntax : JsonError::kNotUtf8;
  const JsonError error = reader.Skip(0, nullptr);
  if (error == JsonError::kSyntax || (error == JsonError::kNone && !reader.AtEnd()))
    return IsUtf8(json) ? JsonError::kSyntax : JsonError::kNotUtf8;
  return error;
}

// The text of an object's member; nothing if it has none of this name. REQUIRES: an object, without errors.
std::optional<std::string_view> FindMember(std::string_view json, std::string_view name, int max_depth) {
  JsonReader reader;
  std::string arena;
  arena.reserve(json.size());
  reader.Reset(json, &arena, max_depth);
  if (!reader.Consume('{') || reader.Consume('}')) return std::nullopt;
  do {
    std::string_view member;
    std::string_view value;
    if (reader.Peek() != JsonType::kString || reader.ReadString(&member) != JsonError::kNone) break;
    reader.Consume(':');
    if (reader.Peek() == JsonType::kNone || reader.Skip(1, &value) != JsonError::kNone) break;
    if (member == name) return value;
  } while (reader.Consume(','));
  return std::nullopt;
}

std::string NotJson(std::string_view what, std::string_view text) {
  return IsUtf8(text) ? fmt::format("the {} {} is not JSON", what, Quoted(text))
                      : fmt::format("the {} is not UTF-8", what);
}

JsonType TypeOf(std::string_view json) {
  JsonReader reader;
  reader.Reset(json, nullptr, JsonReader::kDefaultMaxDepth);
  return reader.Peek();
}

// Whether a text is a date, time or timestamp as it is, without the quotes of JSON.
bool IsTimeText(const Field& field, std::string_view text) {
  if (text.starts_with('"')) return false;
  if (field.type == FieldType::kDate || field.type == FieldType::kTime) return true;
  if (field.type != FieldType::kTimestamp && field.type != FieldType::kLocalTimestamp) return false;
  if (field.timestamp_format == TimestampFormat::kPattern) return true;
  const bool has_texts =
      field.timestamp_format == TimestampFormat::kAny || field.timestamp_format == TimestampFormat::kRfc3339;
  const bool is_number = text.find_first_not_of("0123456789") == std::string_view::npos;
  return has_texts && !is_number;
}

}  // namespace

KafkaFields::KafkaFields(const SchemaTree& schema, std::unique_ptr<JsonPayloadDecoder> json, int max_depth)
    : table_(*schema.table), json_(std::move(json)), max_depth_(max_depth) {
  for (const Field& field : table_.fields) needs_headers_ |= field.source == FieldSource::kHeader;
}

Result<std::unique_ptr<KafkaFields>> KafkaFields::Create(const SchemaTree& schema, int max_depth) {
  const Table& table = *schema.table;
  bool any = false;
  for (size_t i = 0; i < table.fields.size(); ++i) any |= Provides(table, i, table.tombstones_are_rows);
  if (!any) return std::unique_ptr<KafkaFields>();
  FOREBAY_ASSIGN(auto json, JsonPayloadDecoder::Create(schema, max_depth));
  return std::unique_ptr<KafkaFields>(new KafkaFields(schema, std::move(json), max_depth));
}

bool KafkaFields::Provides(const Table& table, size_t field, bool tombstone) {
  return table.fields[field].source != FieldSource::kValue || (tombstone && table.key == FieldPlace{field});
}

void KafkaFields::Push(const RecordView& record, RowBuilder& row) {
  for (size_t i = 0; i < table_.fields.size(); ++i) {
    if (Provides(table_, i, !record.value)) PushField(i, record, row);
  }
}

void KafkaFields::PushField(size_t field, const RecordView& record, RowBuilder& row) {
  const Field& of = table_.fields[field];
  const FieldPath path{nullptr, of.name};
  const FieldRules& rules = json_->rules(field);
  switch (of.source) {
    case FieldSource::kValue:
    case FieldSource::kKey:
      return PushKey(field, record.key, row);
    case FieldSource::kHeader:
      // As Kafka's clients take it, the last header of a name counts.
      for (auto header = record.headers.rbegin(); header != record.headers.rend(); ++header) {
        if (header->name != of.source_path.front()) continue;
        if (!header->value) break;
        return PushText(field, "header", *header->value, row);
      }
      return rules.AcceptNull(&path, row);
    case FieldSource::kPartition:
      return rules.AcceptInteger({record.partition.value()}, {&path}, row);
    case FieldSource::kOffset:
      return rules.AcceptInteger({record.offset.value()}, {&path}, row);
    case FieldSource::kTimestamp:
      if (record.timestamp_ms < 0) return rules.AcceptNull(&path, row);
      if (of.type == FieldType::kInteger) return rules.AcceptInteger({record.timestamp_ms}, {&path}, row);
      return rules.AcceptTime(record.timestamp_ms * 1000, {&path}, row);
  }
}

void KafkaFields::PushKey(size_t field, const std::optional<std::string_view>& key, RowBuilder& row) {
  const Field& of = table_.fields[field];
  const FieldPath path{nullptr, of.name};
  if (!key) return json_->rules(field).AcceptNull(&path, row);
  if (of.source_path.empty()) return PushText(field, "Kafka key", *key, row);
  std::string_view json = *key;
  const JsonError error = CheckJson(json, max_depth_);
  if (error != JsonError::kNone) return row.RejectField(ReasonOf(error), &path, NotJson("Kafka key", *key));
  for (const std::string& name : of.source_path) {
    const JsonType type = TypeOf(json);
    if (type == JsonType::kNull) break;
    if (type != JsonType::kObject) {
      return row.RejectField(Reason::kWrongType, &path,
                             fmt::format("expected an object in the Kafka key, got {}", JsonTypeName(type)));
    }
    const auto value = FindMember(json, name, max_depth_);
    if (!value) return json_->rules(field).AcceptNull(&path, row);
    json = *value;
  }
  PushJson(field, "Kafka key", json, row);
}

void KafkaFields::PushText(size_t field, std::string_view what, std::string_view text, RowBuilder& row) {
  const Field& of = table_.fields[field];
  const FieldPath path{nullptr, of.name};
  if (text.empty() && of.coercions.empty_as_null) return json_->rules(field).AcceptNull(&path, row);
  if (of.type != FieldType::kString && !IsTimeText(of, text)) return PushJson(field, what, text, row);
  if (!IsUtf8(text)) {
    return row.RejectField(Reason::kNotUtf8, &path, fmt::format("the {} is not UTF-8", what));
  }
  if (of.type == FieldType::kString) return json_->rules(field).AcceptString(text, &path, row);
  json_->rules(field).AcceptTimeText(text, &path, row);
}

void KafkaFields::PushJson(size_t field, std::string_view what, std::string_view json, RowBuilder& row) {
  const FieldPath path{nullptr, table_.fields[field].name};
  JsonError error = CheckJson(json, max_depth_);
  if (error == JsonError::kNone) error = json_->DecodeField(field, json, row);
  if (error == JsonError::kNone) return;
  row.RejectField(ReasonOf(error), &path, NotJson(what, json));
}

}  // namespace forebay
