#include "decode/json_payload_decoder.h"

#include <string>
#include <utility>

#include "base/utf8.h"
#include "decode/json_fast_path.h"
#include "decode/values.h"

namespace forebay {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // RFC 8259, section 8.1: not in JSON

// Of such a field, a number is read like a text: 20251030 as yyyyMMdd.
bool HasPattern(const Field& field) {
  return field.timestamp_format == TimestampFormat::kPattern;
}

// Whether a field's values may have this JSON type. Null is not one of them.
bool Accepts(const Field& field, JsonType type) {
  switch (field.type) {
    case FieldType::kString:
      return type == JsonType::kString;
    case FieldType::kDate:
    case FieldType::kTime:
      return type == JsonType::kString || (type == JsonType::kNumber && HasPattern(field));
    case FieldType::kTimestamp:
    case FieldType::kLocalTimestamp:
      if (field.timestamp_format == TimestampFormat::kAny || HasPattern(field))
        return type == JsonType::kString || type == JsonType::kNumber;
      return type ==
             (field.timestamp_format == TimestampFormat::kRfc3339 ? JsonType::kString : JsonType::kNumber);
    case FieldType::kInteger:
    case FieldType::kNumber:
    case FieldType::kDecimal:
      return type == JsonType::kNumber;
    case FieldType::kBoolean:
      return type == JsonType::kTrue || type == JsonType::kFalse;
    case FieldType::kObject:
    case FieldType::kMap:
      return type == JsonType::kObject;
    case FieldType::kArray:
      return type == JsonType::kArray;
    case FieldType::kJson:
      return type != JsonType::kNull && type != JsonType::kNone;
  }
  return false;
}

// Whether the field's coercions decide what a value of this JSON type is.
bool IsCoerced(const Field& field, JsonType type) {
  const Coercions& coercions = field.coercions;
  if (type == JsonType::kNumber) return coercions.numbers_as_booleans && field.type == FieldType::kBoolean;
  if (type != JsonType::kString || field.type == FieldType::kJson) return false;
  return coercions.empty_as_null || (coercions.numbers_in_strings && !Accepts(field, type));
}

ScaledNumber Scaled(const JsonNumber& number, int32_t scale) {
  if (number.plain && number.fraction_digits == 0 && scale == 0) return {number.mantissa, true};
  __int128 value = 0;
  const bool exact = ParseScaled(number.text, scale, &value) != ParsedAs::kInexact;
  return {value, exact};
}

}  // namespace

Result<std::unique_ptr<JsonPayloadDecoder>> JsonPayloadDecoder::Create(const SchemaTree& schema,
                                                                       int max_depth) {
  FOREBAY_ASSIGN(std::vector<FieldRules> rules, CompileRules(schema));
  return std::unique_ptr<JsonPayloadDecoder>(new JsonPayloadDecoder(schema, std::move(rules), max_depth));
}

JsonPayloadDecoder::JsonPayloadDecoder(const SchemaTree& schema, std::vector<FieldRules> rules, int max_depth)
    : rules_(std::move(rules)), root_(*schema.root, rules_), max_depth_(max_depth) {
  for (size_t i = 0; i < schema.root->children.size(); ++i) {
    if (schema.root->children[i].field->source != FieldSource::kValue) elsewhere_.push_back(i);
  }
}

Status JsonPayloadDecoder::Decode(const RecordView& record, RowBuilder& row) {
  row_ = &row;
  reader_.Reset(*record.value, row.TextArena(record.value->size()), max_depth_);
  const JsonError error = DecodeText();
  if (error != JsonError::kNone) [[unlikely]]
    RejectText(error, *record.value);
  return Ok();
}

JsonError JsonPayloadDecoder::DecodeField(size_t field, std::string_view json, RowBuilder& row) {
  row_ = &row;
  reader_.Reset(json, row.TextArena(json.size()), max_depth_);
  JsonNode& node = root_.children[field];
  if (reader_.Peek() == JsonType::kNone) return JsonError::kSyntax;
  const FieldPath path{nullptr, node.schema->field->name};
  const JsonError error = DecodeValue(node, 1, &path);
  return error == JsonError::kNone && !reader_.AtEnd() ? JsonError::kSyntax : error;
}

// Reads the whole text, to distinguish JSON that is not an object from text that is not JSON.
JsonError JsonPayloadDecoder::DecodeText() {
  const JsonType type = reader_.Peek();
  const JsonError error =
      type == JsonType::kObject ? DecodeObject(root_, 0, nullptr) : reader_.Skip(0, nullptr);
  if (error != JsonError::kNone) return error;
  if (!reader_.AtEnd()) return JsonError::kSyntax;
  if (type != JsonType::kObject) {
    row_->Reject(Reason::kNotAnObject,
                 "the record is " + std::string(JsonTypeName(type)) + ", not an object");
  }
  return JsonError::kNone;
}

JsonError JsonPayloadDecoder::DecodeObject(JsonNode& node, int depth, const FieldPath* path) {
  if (depth >= max_depth_) return JsonError::kTooDeep;
  reader_.set_position(reader_.position() + 1);            // '{'
  if (depth > 0) row_->Push(node.index, Slot::Nested(0));  // the root has no slots
  MemberSet present(node.children.size());
  if (depth == 0) {
    for (const size_t field : elsewhere_) present.Find(field).Insert();
  }
  MemberNames unknown;
  int previous = MemberLookup::kUnknown;
  bool closed = reader_.Consume('}');
  while (!closed && !AcceptFastMembers(node, reader_, &previous, present, *row_)) {
    const JsonError error = DecodeMember(node, &previous, present, &unknown, depth, path);
    if (error != JsonError::kNone) return error;
    closed = !reader_.Consume(',');
    if (closed && !reader_.Consume('}')) return JsonError::kSyntax;
  }
  row_->EndObject(*node.schema, present, path);
  return JsonError::kNone;
}

JsonError JsonPayloadDecoder::DecodeMember(JsonNode& object, int* previous, MemberSet& present,
                                           MemberNames* unknown, int depth, const FieldPath* path) {
  std::string_view name;
  JsonError error = JsonError::kNone;
  const int found = MatchMember(object, *previous, &name, &error);
  if (error != JsonError::kNone) return error;
  if (!reader_.Consume(':')) return JsonError::kSyntax;
  if (found == MemberLookup::kUnknown) {
    return unknown->Insert(name) ? DecodeUnknownMember(object, name, depth, path)
                                 : JsonError::kDuplicateMember;
  }
  *previous = found;
  const auto member = static_cast<size_t>(found);
  MemberSet::Entry entry = present.Find(member);
  if (entry.present()) return JsonError::kDuplicateMember;
  entry.Insert();
  JsonNode& child = object.children[member];
  const FieldPath here{path, child.schema->field->name};
  if (child.schema->field->null_if_wrong) [[unlikely]]
    return DecodeLenient(object, child, depth + 1, &here);
  return DecodeValue(child, depth + 1, &here);
}

// A wrong value becomes null, and is kept as a member that the contract does not know.
JsonError JsonPayloadDecoder::DecodeLenient(const JsonNode& object, JsonNode& node, int depth,
                                            const FieldPath* path) {
  reader_.Peek();  // skips white space
  const char* const begin = reader_.position();
  const RowBuilder::Checkpoint before = row_->Save(*node.schema);
  const JsonError error = DecodeValue(node, depth, path);
  if (error != JsonError::kNone || !row_->IsWrongSince(before)) return error;
  row_->Restore(*node.schema, before);
  row_->PushNull(*node.schema);
  const std::string_view json(begin, static_cast<size_t>(reader_.position() - begin));
  row_->AddNulled(*object.schema, path->up, path->name, json);
  return JsonError::kNone;
}

// Returns the member whose name comes next. Sets `name` only if the name was not predicted.
int JsonPayloadDecoder::MatchMember(JsonNode& object, int previous, std::string_view* name,
                                    JsonError* error) {
  if (reader_.Peek() != JsonType::kString) {
    *error = JsonError::kSyntax;
    return MemberLookup::kUnknown;
  }
  const char* const written = reader_.position();
  const int predicted = object.members.MatchPredicted(previous, written, reader_.end());
  if (predicted != MemberLookup::kUnknown) {
    reader_.set_position(written + object.members.written_size(predicted) - 1);  // at the colon
    return predicted;
  }
  *error = reader_.ReadString(name);
  return *error == JsonError::kNone ? object.members.Find(previous, *name) : MemberLookup::kUnknown;
}

JsonError JsonPayloadDecoder::DecodeUnknownMember(const JsonNode& object, std::string_view name, int depth,
                                                  const FieldPath* path) {
  std::string_view json;
  const JsonError error = reader_.Skip(depth + 1, &json);
  if (error == JsonError::kNone) row_->AddUnknown(*object.schema, path, name, json);
  return error;
}

JsonError JsonPayloadDecoder::DecodeValue(JsonNode& node, int depth, const FieldPath* path) {
  const JsonType type = reader_.Peek();
  if (IsCoerced(*node.schema->field, type)) [[unlikely]]
    return DecodeCoerced(node, type, path);
  if (!Accepts(*node.schema->field, type)) {
    if (type == JsonType::kNull) {
      node.rules->AcceptNull(path, *row_);
    } else if (type != JsonType::kNone) {
      node.rules->RejectType(JsonTypeName(type), path, *row_);
    }
    return reader_.Skip(depth, nullptr);
  }
  if (node.schema->field->type == FieldType::kJson) return DecodeAny(node, depth);
  switch (type) {
    case JsonType::kString:
      return DecodeString(node, path);
    case JsonType::kNumber:
      return DecodeNumber(node, path);
    case JsonType::kObject:
      return node.schema->field->type == FieldType::kMap ? DecodeMap(node, depth, path)
                                                         : DecodeObject(node, depth, path);
    case JsonType::kArray:
      return DecodeArray(node, depth, path);
    default:
      node.rules->AcceptBoolean(type == JsonType::kTrue, *row_);
      return reader_.ReadLiteral(type);
  }
}

JsonError JsonPayloadDecoder::DecodeArray(JsonNode& node, int depth, const FieldPath* path) {
  if (depth >= max_depth_) return JsonError::kTooDeep;
  reader_.set_position(reader_.position() + 1);  // '['
  row_->Push(node.index, Slot::Nested(0));
  int64_t count = 0;
  if (!reader_.Consume(']')) {
    do {
      const FieldPath here{path, {}, count};
      const JsonError error = DecodeValue(node.children.front(), depth + 1, &here);
      if (error != JsonError::kNone) return error;
      ++count;
    } while (reader_.Consume(','));
    if (!reader_.Consume(']')) return JsonError::kSyntax;
  }
  node.rules->AcceptArray(count, path, *row_);
  return JsonError::kNone;
}

JsonError JsonPayloadDecoder::DecodeMap(JsonNode& node, int depth, const FieldPath* path) {
  if (depth >= max_depth_) return JsonError::kTooDeep;
  reader_.set_position(reader_.position() + 1);  // '{'
  row_->Push(node.index, Slot::Nested(0));
  MemberNames keys;
  int64_t count = 0;
  if (!reader_.Consume('}')) {
    do {
      if (reader_.Peek() != JsonType::kString) return JsonError::kSyntax;
      std::string_view key;
      JsonError error = reader_.ReadString(&key);
      if (error != JsonError::kNone) return error;
      if (!reader_.Consume(':')) return JsonError::kSyntax;
      if (!keys.Insert(key)) return JsonError::kDuplicateMember;
      const FieldPath here{path, key};
      node.children[0].rules->AcceptString(key, &here, *row_);
      error = DecodeValue(node.children[1], depth + 1, &here);
      if (error != JsonError::kNone) return error;
      ++count;
    } while (reader_.Consume(','));
    if (!reader_.Consume('}')) return JsonError::kSyntax;
  }
  row_->EndArray(node.index, count);
  return JsonError::kNone;
}

JsonError JsonPayloadDecoder::DecodeAny(const JsonNode& node, int depth) {
  std::string_view json;
  const JsonError error = reader_.Skip(depth, &json);
  if (error == JsonError::kNone) node.rules->AcceptJson(json, *row_);
  return error;
}

JsonError JsonPayloadDecoder::DecodeString(JsonNode& node, const FieldPath* path) {
  std::string_view text;
  const JsonError error = reader_.ReadString(&text);
  if (error != JsonError::kNone) return error;
  if (node.schema->field->type == FieldType::kString) {
    node.rules->AcceptString(text, path, *row_);
  } else {
    node.rules->AcceptTimeText(text, path, *row_);
  }
  return JsonError::kNone;
}

// A value that may stand for one of another type.
JsonError JsonPayloadDecoder::DecodeCoerced(JsonNode& node, JsonType type, const FieldPath* path) {
  const Field& field = *node.schema->field;
  JsonNumber number;
  if (type == JsonType::kNumber) {
    const JsonError error = reader_.ReadNumber(&number);
    if (error == JsonError::kNone) AcceptBooleanNumber(node, number, path);
    return error;
  }
  std::string_view text;
  const JsonError error = reader_.ReadString(&text);
  if (error != JsonError::kNone) return error;
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool is_number = field.coercions.numbers_in_strings && !Accepts(field, type) && !text.empty() &&
                         JsonReader::ScanNumber(&p, end, &number) && p == end;
  if (text.empty() && field.coercions.empty_as_null) {
    node.rules->AcceptNull(path, *row_);
  } else if (field.type == FieldType::kString) {
    node.rules->AcceptString(text, path, *row_);
  } else if (Accepts(field, type)) {
    node.rules->AcceptTimeText(text, path, *row_);
  } else if (is_number && field.type == FieldType::kBoolean && field.coercions.numbers_as_booleans) {
    AcceptBooleanNumber(node, number, path);
  } else if (is_number && Accepts(field, JsonType::kNumber)) {
    AcceptNumber(node, number, path);
  } else {
    node.rules->RejectType(JsonTypeName(type), path, *row_);
  }
  return JsonError::kNone;
}

void JsonPayloadDecoder::AcceptBooleanNumber(const JsonNode& node, const JsonNumber& number,
                                             const FieldPath* path) {
  if (number.text == "0" || number.text == "1") return node.rules->AcceptBoolean(number.text == "1", *row_);
  node.rules->RejectType(JsonTypeName(JsonType::kNumber), path, *row_);
}

JsonError JsonPayloadDecoder::DecodeNumber(const JsonNode& node, const FieldPath* path) {
  JsonNumber number;
  const JsonError error = reader_.ReadNumber(&number);
  if (error == JsonError::kNone) AcceptNumber(node, number, path);
  return error;
}

void JsonPayloadDecoder::AcceptNumber(const JsonNode& node, const JsonNumber& number, const FieldPath* path) {
  const Field& field = *node.schema->field;
  const ValueSource source{path, number.text};
  if (HasPattern(field)) return node.rules->AcceptTimeText(number.text, path, *row_);
  switch (field.type) {
    case FieldType::kInteger:
      node.rules->AcceptInteger(Scaled(number, 0), source, *row_);
      break;
    case FieldType::kDecimal:
      node.rules->AcceptDecimal(Scaled(number, field.scale), source, *row_);
      break;
    case FieldType::kTimestamp:
    case FieldType::kLocalTimestamp:
      if (field.timestamp_format == TimestampFormat::kAny) {
        node.rules->AcceptEpoch(number.text, path, *row_);
      } else {
        node.rules->AcceptTime(EpochMicros(number.text, field.timestamp_format), source, *row_);
      }
      break;
    default: {
      double value = 0;
      ParseDouble(number.text, &value);
      node.rules->AcceptDouble(value, source, *row_);
      break;
    }
  }
}

void JsonPayloadDecoder::RejectText(JsonError error, std::string_view text) {
  const std::string at = " at byte " + std::to_string(reader_.position() - text.data());
  switch (error) {
    case JsonError::kNotUtf8:
      return row_->Reject(Reason::kNotUtf8, "invalid UTF-8" + at);
    case JsonError::kBadEscape:
      return row_->Reject(Reason::kNotUtf8, "unpaired surrogate in a \\u escape" + at);
    case JsonError::kTooDeep:
      return row_->Reject(Reason::kTooDeep,
                          "nested deeper than " + std::to_string(max_depth_) + " levels" + at);
    case JsonError::kDuplicateMember:
      return row_->Reject(Reason::kDuplicateMember, "duplicate member" + at);
    case JsonError::kSyntax:
    case JsonError::kNone:
      break;
  }
  if (!IsUtf8(text)) return row_->Reject(Reason::kNotUtf8, "invalid UTF-8");
  const bool marked = text.starts_with(kByteOrderMark);
  row_->Reject(Reason::kNotJson, "invalid JSON" + at + (marked ? ": byte order mark" : ""));
}

}  // namespace forebay
