#include "decode/record_decoder.h"

#include <algorithm>
#include <bit>

#include "base/json_quote.h"
#include "base/row_hash.h"
#include "base/time.h"
#include "base/utf8.h"

namespace forebay {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // RFC 8259, section 8.1: not in JSON

// RFC 6901: "~" is "~0", "/" is "~1".
void AppendPointerToken(std::string_view name, std::string* out) {
  out->push_back('/');
  for (const char c : name) {
    if (c == '~') {
      out->append("~0");
    } else if (c == '/') {
      out->append("~1");
    } else {
      out->push_back(c);
    }
  }
}

// Exact, and computed without a product that could overflow: a contract may set any limit.
bool IsLonger(int64_t micros, int64_t limit_ms) {
  return micros / 1000 > limit_ms || (micros / 1000 == limit_ms && micros % 1000 > 0);
}

}  // namespace

Result<std::unique_ptr<RecordDecoder>> RecordDecoder::Create(const Table& table,
                                                             const DecoderLimits& limits) {
  FOREBAY_ASSIGN(SchemaTree schema, CompileSchema(table));
  return std::unique_ptr<RecordDecoder>(new RecordDecoder(table, limits, std::move(schema)));
}

RecordDecoder::RecordDecoder(const Table& table, const DecoderLimits& limits, SchemaTree schema)
    : table_(table), limits_(limits), schema_(std::move(schema)), row_(schema_), partitions_(table) {
  for (const SchemaNode& child : schema_.root->children) field_nodes_.push_back(child.index);
}

Outcome RecordDecoder::Decode(const RecordView& record, int64_t now_ms, RowRun* rows) {
  if (!record.value) return Outcome::kTombstone;
  const size_t bytes = record.value->size();
  if (bytes > limits_.max_record_bytes) {
    return Reject(Reason::kTooLarge, "",
                  "the record has " + std::to_string(bytes) + " bytes, the limit is " +
                      std::to_string(limits_.max_record_bytes));
  }
  rows_ = rows;
  reader_.Reset(*record.value, rows->BeginRow(bytes), limits_.max_depth);
  if (DecodeRow(record, now_ms) == Outcome::kReject) {
    rows->DropRow();
    return Outcome::kReject;
  }
  rows->EndRow({record.partition, record.offset, record.timestamp_ms, partition_, key_hash_,
                event_time_micros_, bytes, 0},
               extra_);
  return Outcome::kRow;
}

Outcome RecordDecoder::DecodeRow(const RecordView& record, int64_t now_ms) {
  const std::string_view value = *record.value;
  if (const JsonError error = DecodeText(); error != JsonError::kNone) return RejectText(error, value);
  if (field_error_) return Outcome::kReject;
  if (!extra_.empty()) extra_.push_back('}');
  if (!CheckEventTime(record, now_ms) || !FindPartition()) return Outcome::kReject;
  HashKey(record);
  return Outcome::kRow;
}

// Reads the whole text, to distinguish JSON that is not an object from text that is not JSON.
JsonError RecordDecoder::DecodeText() {
  extra_.clear();
  field_error_ = false;
  const JsonType type = reader_.Peek();
  JsonError error = JsonError::kNone;
  if (type == JsonType::kObject) {
    error = DecodeObject(*schema_.root, 0, nullptr);
  } else {
    error = reader_.Skip(0, nullptr);
  }
  if (error != JsonError::kNone) return error;
  if (!reader_.AtEnd()) return JsonError::kSyntax;
  if (type != JsonType::kObject) {
    field_error_ = true;
    rejection_ = {Reason::kNotAnObject, "",
                  "the record is " + std::string(JsonTypeName(type)) + ", not an object"};
  }
  return JsonError::kNone;
}

JsonError RecordDecoder::DecodeObject(SchemaNode& node, int depth, const Path* path) {
  if (depth >= limits_.max_depth) return JsonError::kTooDeep;
  reader_.set_position(reader_.position() + 1);  // '{'
  if (depth > 0) Push(node, Slot::Nested(0));    // the root has no slots
  constexpr size_t kInlineWords = 4;
  uint64_t inline_seen[kInlineWords] = {};
  std::vector<uint64_t> many_seen;
  uint64_t* seen = inline_seen;
  if (node.children.size() > kInlineWords * 64) {
    many_seen.resize(node.children.size() / 64 + 1);
    seen = many_seen.data();
  }
  MemberNames unknown;
  int previous = MemberLookup::kUnknown;
  bool closed = reader_.Consume('}');
  while (!closed && !AcceptFastMembers(node, &previous, seen)) {
    const JsonError error = DecodeMember(node, &previous, seen, &unknown, depth, path);
    if (error != JsonError::kNone) return error;
    closed = !reader_.Consume(',');
    if (closed && !reader_.Consume('}')) return JsonError::kSyntax;
  }
  FinishObject(node, seen, path);
  return JsonError::kNone;
}

JsonError RecordDecoder::DecodeMember(SchemaNode& node, int* previous, uint64_t* seen, MemberNames* unknown,
                                      int depth, const Path* path) {
  std::string_view name;
  JsonError error = JsonError::kNone;
  const int member = MatchMember(node, *previous, &name, &error);
  if (error != JsonError::kNone) return error;
  if (!reader_.Consume(':')) return JsonError::kSyntax;
  if (member == MemberLookup::kUnknown) {
    return unknown->Insert(name) ? KeepExtra(name, depth, path) : JsonError::kDuplicateMember;
  }
  *previous = member;
  uint64_t& word = seen[member / 64];
  const uint64_t bit = uint64_t{1} << (member % 64);
  if ((word & bit) != 0) return JsonError::kDuplicateMember;
  word |= bit;
  SchemaNode& child = node.children[static_cast<size_t>(member)];
  const Path here{path, child.field->name, -1};
  return DecodeValue(child, depth + 1, &here);
}

// Returns the member whose name comes next. Sets `name` only if the name was not predicted.
int RecordDecoder::MatchMember(SchemaNode& node, int previous, std::string_view* name, JsonError* error) {
  if (reader_.Peek() != JsonType::kString) {
    *error = JsonError::kSyntax;
    return MemberLookup::kUnknown;
  }
  const char* const written = reader_.position();
  const int predicted = node.members.MatchPredicted(previous, written, reader_.end());
  if (predicted != MemberLookup::kUnknown) {
    reader_.set_position(written + node.members.written_size(predicted) - 1);  // at the colon
    return predicted;
  }
  *error = reader_.ReadString(name);
  return *error == JsonError::kNone ? node.members.Find(previous, *name) : MemberLookup::kUnknown;
}

// Pushes null slots for the absent members. Reports an error for the first one that is required.
void RecordDecoder::FinishObject(SchemaNode& node, const uint64_t* seen, const Path* path) {
  for (size_t i = 0; i < node.children.size(); ++i) {
    const uint64_t absent = ~seen[i / 64] >> (i % 64);
    if (absent == 0) {
      i |= 63;  // all remaining members of this word are present
      continue;
    }
    i += static_cast<size_t>(std::countr_zero(absent));
    if (i >= node.children.size()) return;
    const SchemaNode& child = node.children[i];
    if (child.field->required) {
      const Path here{path, child.field->name, -1};
      FieldError(Reason::kMissingField, &here, "required, and absent");
      return;
    }
    PushNull(child);
  }
}

void RecordDecoder::PushNull(const SchemaNode& node) {
  Push(node, Slot::Null());
  if (node.field->type == FieldType::kObject) PushPlaceholder(node);
}

// Pushes slots for the members of an absent object. Arrow and Parquet allow no nulls in required members, not
// even where the object is absent: these get a placeholder that no reader sees.
void RecordDecoder::PushPlaceholder(const SchemaNode& object) {
  for (const SchemaNode& child : object.children) {
    Push(child, child.field->required ? Slot::Placeholder() : Slot::Null());
    if (child.field->type == FieldType::kObject) PushPlaceholder(child);
  }
}

JsonError RecordDecoder::KeepExtra(std::string_view name, int depth, const Path* path) {
  std::string_view raw;
  const JsonError error = reader_.Skip(depth + 1, &raw);
  if (error != JsonError::kNone) return error;
  extra_.push_back(extra_.empty() ? '{' : ',');
  if (path == nullptr && (name.empty() || name[0] != '/')) {
    extra_ += QuoteJson(name);
  } else {
    std::string pointer;
    AppendPointer(path, &pointer);
    AppendPointerToken(name, &pointer);
    extra_ += QuoteJson(pointer);
  }
  extra_.push_back(':');
  extra_.append(raw);
  return JsonError::kNone;
}

bool RecordDecoder::CheckEventTime(const RecordView& record, int64_t now_ms) {
  if (!table_.event_time) return true;
  const Field& field = table_.fields[*table_.event_time];
  const int64_t value = SlotOf(*table_.event_time).as_int();
  event_time_micros_ = field.type == FieldType::kDate ? value * kMicrosPerDay : value;
  const int64_t kafka_ms = record.timestamp_ms >= 0 ? record.timestamp_ms : now_ms;
  const int64_t ahead = event_time_micros_ - kafka_ms * 1000;
  if (!IsLonger(ahead, table_.max_ahead_ms) &&
      (!table_.max_behind_ms || !IsLonger(-ahead, *table_.max_behind_ms))) [[likely]] {
    return true;
  }
  Reject(Reason::kBadTimestamp, field.name,
         FormatTimestamp(event_time_micros_) + " lies too far " + (ahead > 0 ? "ahead of" : "behind") +
             " the Kafka timestamp " + FormatTimestamp(kafka_ms * 1000));
  return false;
}

bool RecordDecoder::FindPartition() {
  partition_values_.clear();
  for (const PartitionDimension& dimension : table_.dimensions) {
    partition_values_.push_back(&SlotOf(dimension.source));
  }
  partition_ = partitions_.Find(partition_values_);
  if (partition_ != PartitionIndex::kRefused) [[likely]]
    return true;
  const size_t refused = table_.dimensions[partitions_.refused_dimension()].source;
  Reject(Reason::kOutOfRange, table_.fields[refused].name, "the value cannot name a partition directory");
  return false;
}

void RecordDecoder::HashKey(const RecordView& record) {
  if (table_.primary_key.empty()) {
    key_hash_ = HashPosition(record.partition, record.offset);
    return;
  }
  RowHasher hasher;
  for (const size_t field : table_.primary_key) {
    const Slot& slot = SlotOf(field);
    if (slot.is_null()) {
      hasher.AddNull();
      continue;
    }
    switch (table_.fields[field].type) {
      case FieldType::kString:
        hasher.AddBytes(slot.as_string());
        break;
      case FieldType::kDecimal:
        hasher.AddInt128(slot.as_decimal());
        break;
      case FieldType::kNumber:
        hasher.AddDouble(slot.as_double());
        break;
      default:
        hasher.AddInt64(slot.as_int());
        break;
    }
  }
  key_hash_ = hasher.Finish();
}

Outcome RecordDecoder::Reject(Reason reason, std::string field, std::string detail) {
  rejection_ = {reason, std::move(field), std::move(detail)};
  return Outcome::kReject;
}

Outcome RecordDecoder::RejectText(JsonError error, std::string_view value) {
  const std::string at = "at byte " + std::to_string(reader_.position() - value.data());
  switch (error) {
    case JsonError::kNotUtf8:
      return Reject(Reason::kNotUtf8, "", "the bytes are not UTF-8 " + at);
    case JsonError::kBadEscape:
      return Reject(Reason::kNotUtf8, "", "a \\u escape stands for half a character " + at);
    case JsonError::kTooDeep:
      return Reject(Reason::kTooDeep, "",
                    "nested deeper than " + std::to_string(limits_.max_depth) + " levels " + at);
    case JsonError::kDuplicateMember:
      return Reject(Reason::kDuplicateMember, "", "an object has the same member twice, " + at);
    case JsonError::kSyntax:
    case JsonError::kNone:
      break;
  }
  if (!IsUtf8(value)) return Reject(Reason::kNotUtf8, "", "the bytes are not UTF-8");
  if (value.starts_with(kByteOrderMark)) {
    return Reject(Reason::kNotJson, "", "not JSON " + at + ": it begins with a byte order mark");
  }
  return Reject(Reason::kNotJson, "", "not JSON " + at);
}

void RecordDecoder::FieldError(Reason reason, const Path* path, std::string detail) {
  if (field_error_) return;
  field_error_ = true;
  rejection_ = {reason, PathText(path), std::move(detail)};
}

std::string RecordDecoder::PathText(const Path* path) {
  if (path == nullptr) return "";
  std::string text = PathText(path->up);
  if (path->index >= 0) return text + "[" + std::to_string(path->index) + "]";
  if (!text.empty()) text += '.';
  return text.append(path->name);
}

void RecordDecoder::AppendPointer(const Path* path, std::string* out) {
  if (path == nullptr) return;
  AppendPointer(path->up, out);
  AppendPointerToken(path->index >= 0 ? std::to_string(path->index) : std::string(path->name), out);
}

}  // namespace forebay
