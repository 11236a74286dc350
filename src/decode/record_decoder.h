// Decodes one record of a table's topic: bytes in, a row of typed slots or a rejection out. The contract sets
// the rules, and a PayloadDecoder knows the format.
//
// A record is rejected for one reason, the first that applies:
//   1. It is too large, or its bytes are not of the format at all.
//   2. A field has a wrong value: the first such field in the record. An object in which a required member is
//      missing counts at its end, so that the contract's top-level fields come last, in the contract's order.
//   3. The event time is too far from the Kafka timestamp.
//   4. A value cannot name a partition directory.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "contract/contract.h"
#include "decode/partition_index.h"
#include "decode/payload_decoder.h"
#include "decode/record.h"
#include "decode/rejection.h"
#include "decode/row_builder.h"
#include "decode/row_finisher.h"
#include "decode/row_run.h"
#include "decode/schema_tree.h"

namespace forebay {

struct DecoderLimits {
  int max_depth = 64;
  size_t max_record_bytes = 1024 * 1024;
};

enum class Outcome : uint8_t { kRow, kReject, kTombstone };

// Not thread-safe: one for each thread. The table must outlive it.
class RecordDecoder {
 public:
  // Makes the decoder of a format for a schema, which outlives it.
  using MakePayloadDecoder = std::function<Result<std::unique_ptr<PayloadDecoder>>(const SchemaTree& schema)>;

  // A decoder of JSON. Returns kFailedPrecondition if this machine does not know a time zone of the table.
  static Result<std::unique_ptr<RecordDecoder>> Create(const Table& table, const DecoderLimits& limits = {});
  // A decoder of any format; `limits.max_depth` is for the payload decoder to observe.
  static Result<std::unique_ptr<RecordDecoder>> Create(const Table& table, const DecoderLimits& limits,
                                                       const MakePayloadDecoder& make_payload_decoder);

  // Appends a row to `rows`, which must be of this decoder's schema(). A rejected record or a tombstone
  // leaves its rows as they were, and so does an error. `now_ms` (wall clock, since 1970) replaces the Kafka
  // timestamp of a record that has none. An error is never about the record: see PayloadDecoder::Decode.
  Result<Outcome> Decode(const RecordView& record, int64_t now_ms, RowRun* rows);
  // Decodes one record by itself: after kRow and until the next Decode, row() holds it alone.
  Result<Outcome> Decode(const RecordView& record, int64_t now_ms) {
    row_.Clear();
    return Decode(record, now_ms, &row_);
  }
  const RowRun& row() const { return row_; }

  // Valid after kReject, until the next Decode.
  const Rejection& rejection() const { return builder_.rejection(); }

  // The following are valid after kRow, until the next Decode.

  // The members that the contract does not know: see ExtraMembers.
  std::string_view extra() const { return builder_.extra().text(); }
  // The partition directory of the row: an index into partitions().
  uint32_t partition() const { return current_.directory; }
  // The hash of the primary key; HashPosition of the record if the table has no primary key.
  uint64_t key_hash() const { return current_.key_hash; }
  // Microseconds; nothing if the table has no event time, or the row no value of it.
  std::optional<int64_t> event_time_micros() const { return current_.event_time_micros; }

  // The rows with each member that the contract does not know, since the last call: see UnknownMembers.
  std::map<std::string, int64_t> TakeUnknownMembers() { return builder_.unknown().Take(schema_); }

  PartitionIndex& partitions() { return finisher_.partitions(); }
  const Table& table() const { return *schema_.table; }
  const SchemaTree& schema() const { return schema_; }

 private:
  RecordDecoder(const Table& table, const DecoderLimits& limits, PartitionIndex partitions);

  const DecoderLimits limits_;
  const SchemaTree schema_;
  std::unique_ptr<PayloadDecoder> payload_decoder_;
  RowBuilder builder_;
  RowFinisher finisher_;
  RowRun::Row current_{};
  RowRun row_;
};

}  // namespace forebay
