// Decodes one record of a table's topic: JSON bytes in, typed slots or a rejection out. The contract sets the
// rules.
//
// A record is rejected for one reason, the first that applies:
//   1. It is not JSON at all: size, UTF-8, syntax, depth or duplicate members, whichever comes first in the
//      text. Bytes that are not UTF-8, anywhere in the text, take precedence over syntax.
//   2. A field has a wrong value: the first such field in the text.
//   3. A field is missing: the first such field of the contract.
//   4. The event time is too far from the Kafka timestamp.
//   5. A value cannot name a partition directory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"
#include "contract/reason.h"
#include "decode/json_text.h"
#include "decode/partition_index.h"
#include "decode/record.h"
#include "decode/row_run.h"
#include "decode/schema_node.h"
#include "decode/slots.h"

namespace forebay {

struct DecoderLimits {
  int max_depth = JsonReader::kDefaultMaxDepth;
  size_t max_record_bytes = 1024 * 1024;
};

enum class Outcome : uint8_t { kRow, kReject, kTombstone };

struct Rejection {
  Reason reason = Reason::kNotJson;
  std::string field;   // "items[2].quantity"; empty when the record as a whole is rejected
  std::string detail;  // one sentence
};

// Not thread-safe: one for each thread. The table must outlive it.
class RecordDecoder {
 public:
  static Result<std::unique_ptr<RecordDecoder>> Create(const Table& table, const DecoderLimits& limits = {});

  // Appends a row to `rows`, which must be of this decoder's schema(). A rejected record or a tombstone
  // leaves its rows as they were. `now_ms` (wall clock, since 1970) replaces the Kafka timestamp of a record
  // that has none.
  Outcome Decode(const RecordView& record, int64_t now_ms, RowRun* rows);
  // Decodes one record by itself: after kRow and until the next Decode, row() holds it alone.
  Outcome Decode(const RecordView& record, int64_t now_ms) {
    row_.Clear();
    return Decode(record, now_ms, &row_);
  }
  const RowRun& row() const { return row_; }

  // Valid after kReject, until the next Decode.
  const Rejection& rejection() const { return rejection_; }

  // The following are valid after kRow, until the next Decode.

  // The members that the contract does not know, as the text of one JSON object; empty if there are none.
  // Members of nested objects are listed under their JSON Pointer (RFC 6901).
  std::string_view extra() const { return extra_; }
  // The partition directory of the row: an index into partitions().
  uint32_t partition() const { return partition_; }
  // The hash of the primary key; HashPosition of the record if the table has no primary key.
  uint64_t key_hash() const { return key_hash_; }
  // Microseconds; only if the table has an event time.
  int64_t event_time_micros() const { return event_time_micros_; }

  PartitionIndex& partitions() { return partitions_; }
  const Table& table() const { return table_; }
  const SchemaTree& schema() const { return schema_; }

 private:
  // The path of a value, for messages. It is linked on the stack, so that it costs nothing until a message
  // needs it.
  struct Path {
    const Path* up;
    std::string_view name;
    int64_t index;  // of an element; -1 for a member
  };

  RecordDecoder(const Table& table, const DecoderLimits& limits, SchemaTree schema);

  Outcome DecodeRow(const RecordView& record, int64_t now_ms);
  JsonError DecodeText();
  JsonError DecodeObject(SchemaNode& node, int depth, const Path* path);
  bool AcceptFastMembers(SchemaNode& node, int* previous, uint64_t* seen);
  const char* AcceptFastValue(SchemaNode& node, const char* p, const char* end);
  const char* AcceptFastString(SchemaNode& node, const char* p, const char* end);
  const char* AcceptFastNumber(const SchemaNode& node, const char* p, const char* end);
  const char* AcceptFastBoolean(const SchemaNode& node, const char* p, const char* end);
  JsonError DecodeMember(SchemaNode& node, int* previous, uint64_t* seen, MemberNames* unknown, int depth,
                         const Path* path);
  int MatchMember(SchemaNode& node, int previous, std::string_view* name, JsonError* error);
  void FinishObject(SchemaNode& node, const uint64_t* seen, const Path* path);
  JsonError DecodeArray(SchemaNode& node, int depth, const Path* path);
  JsonError DecodeValue(SchemaNode& node, int depth, const Path* path);
  JsonError DecodeString(SchemaNode& node, const Path* path);
  JsonError DecodeNumber(SchemaNode& node, const Path* path);
  JsonError KeepExtra(std::string_view name, int depth, const Path* path);

  void TakeString(SchemaNode& node, std::string_view text, const Path* path);
  void TakeTime(const SchemaNode& node, std::string_view text, const Path* path);
  void TakeInteger(const SchemaNode& node, const JsonNumber& number, const Path* path);
  void TakeDecimal(const SchemaNode& node, std::string_view text, const Path* path);
  void TakeDouble(const SchemaNode& node, std::string_view text, const Path* path);
  void TakeEpoch(const SchemaNode& node, std::string_view text, const Path* path);
  bool CheckBounds(const SchemaNode& node, __int128 value, std::string_view text, const Path* path);
  void Push(const SchemaNode& node, const Slot& slot) { rows_->slots_[node.index].push_back(slot); }
  // The slot of a top-level field.
  const Slot& SlotOf(size_t field) const { return rows_->slots_[field_nodes_[field]].back(); }
  void PushNull(const SchemaNode& node);
  void PushPlaceholder(const SchemaNode& object);

  bool CheckEventTime(const RecordView& record, int64_t now_ms);
  bool FindPartition();
  void HashKey(const RecordView& record);

  Outcome Reject(Reason reason, std::string field, std::string detail);
  Outcome RejectText(JsonError error, std::string_view value);
  // Records the first field error. The decoder still reads the text to its end, since syntax errors take
  // precedence.
  void FieldError(Reason reason, const Path* path, std::string detail);
  static std::string PathText(const Path* path);
  static void AppendPointer(const Path* path, std::string* out);

  const Table& table_;
  const DecoderLimits limits_;
  SchemaTree schema_;
  JsonReader reader_;
  RowRun row_;
  RowRun* rows_ = nullptr;           // destination of the current record
  std::vector<size_t> field_nodes_;  // node index of each top-level field
  std::string extra_;
  Rejection rejection_;
  bool field_error_ = false;
  PartitionIndex partitions_;
  std::vector<const Slot*> partition_values_;
  uint32_t partition_ = 0;
  uint64_t key_hash_ = 0;
  int64_t event_time_micros_ = 0;
};

}  // namespace forebay
