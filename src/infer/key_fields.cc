#include "infer/key_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/join.h"
#include "base/utf8.h"
#include "decode/json_text.h"
#include "infer/evidence.h"
#include "report/text_table.h"

namespace forebay::infer {
namespace {

constexpr size_t kMaxMembers = 8;  // a key with more is kept as a whole

bool IsJsonObject(std::string_view text) {
  std::string arena;
  arena.reserve(text.size());
  JsonReader reader;
  reader.Reset(text, &arena, JsonReader::kDefaultMaxDepth);
  return reader.Peek() == JsonType::kObject && reader.Skip(0, nullptr) == JsonError::kNone && reader.AtEnd();
}

// Whether kafka.source can name the path.
bool IsNameable(const std::vector<std::string>& path) {
  return std::none_of(path.begin(), path.end(), [](const std::string& name) {
    return name.empty() || name.find('/') != std::string::npos;
  });
}

// The fields below an object, each as one of the record itself.
void AddMembers(const std::vector<ProposedField>& members, const std::vector<std::string>& path, bool always,
                std::vector<ProposedField>* fields) {
  for (const ProposedField& member : members) {
    std::vector<std::string> inside = path;
    inside.push_back(member.field.name);
    const bool required = always && member.field.required;
    if (member.field.type == FieldType::kObject) {
      AddMembers(member.fields, inside, required, fields);
    } else if (IsNameable(inside)) {
      ProposedField& field = fields->emplace_back(member);
      field.field.name = "key_" + Join(inside, "_");
      field.field.required = required;
      field.field.source = FieldSource::kKey;
      field.field.source_path = std::move(inside);
    }
  }
}

// Kafka Connect's converter of JSON writes the schema into each key.
std::vector<ProposedField> WithoutSchema(std::vector<ProposedField> fields) {
  const auto is = [](const ProposedField& field, const char* name) {
    return field.field.name == name && field.field.type == FieldType::kObject;
  };
  if (fields.size() == 2 && is(fields[0], "schema") && is(fields[1], "payload")) fields.erase(fields.begin());
  return fields;
}

std::vector<ProposedField> MembersOf(const std::vector<std::string_view>& keys, bool always,
                                     const TypingOptions& options) {
  if (!std::all_of(keys.begin(), keys.end(), IsJsonObject)) return {};
  Observer observer;
  for (const std::string_view key : keys) observer.Observe(key);
  std::vector<ProposedField> fields;
  AddMembers(WithoutSchema(ProposeFields(observer.root(), options).fields), {}, always, &fields);
  return fields.size() > kMaxMembers ? std::vector<ProposedField>() : fields;
}

}  // namespace

TypedFields ProposeKeyFields(const std::vector<const RecordView*>& records, const TypingOptions& options) {
  std::vector<std::string_view> keys;
  for (const RecordView* record : records) {
    if (record->key) keys.push_back(*record->key);
  }
  if (keys.empty()) return {};
  const std::string counts =
      fmt::format("{} of {}", Grouped(uint64_t{keys.size()}), Grouped(uint64_t{records.size()}));
  if (!std::all_of(keys.begin(), keys.end(), IsUtf8))
    return {{}, {fmt::format("{} records have a key; it is not landed, because some are not UTF-8", counts)}};
  const bool always = keys.size() == records.size();
  TypedFields typed;
  typed.fields = MembersOf(keys, always, options);
  if (!typed.fields.empty()) return typed;
  ProposedField whole;
  whole.field.name = "kafka_key";
  whole.field.required = always;
  whole.field.source = FieldSource::kKey;
  whole.comment = fmt::format("the record's key, which no field of the value equals; in {}", counts);
  typed.fields.push_back(std::move(whole));
  return typed;
}

}  // namespace forebay::infer
