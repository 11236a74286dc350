// Decodes an Arrow batch of Kafka records into Arrow batches of rows, rejected records and tombstones. It
// uses the native engine's decoder and columns, so that a record means the same in every engine.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "contract/contract.h"
#include "decode/record_decoder.h"
#include "external/manifest.h"

namespace arrow {
class RecordBatch;
class Schema;
}  // namespace arrow

namespace forebay {

// The column after the table's own that holds the partition directory of a row.
inline constexpr std::string_view kDirectoryColumn = "_partition";

// TableSchema, then `_partition`.
std::shared_ptr<arrow::Schema> DecodedSchema(const Table& table);
// _kafka_topic, _kafka_partition, _kafka_offset, _kafka_timestamp.
std::shared_ptr<arrow::Schema> TombstoneSchema();

struct DecodedBatch {
  std::shared_ptr<arrow::RecordBatch> rows;        // DecodedSchema; no dictionaries
  std::shared_ptr<arrow::RecordBatch> rejects;     // QuarantineSchema
  std::shared_ptr<arrow::RecordBatch> tombstones;  // TombstoneSchema
  PartitionStatsManifest stats;
};

// Not thread-safe: one for each thread.
class BatchDecoder {
 public:
  // kInvalidArgument when the contract has no such table. `topic`: that of a table that a template gives; of
  // others it may be empty.
  static Result<std::unique_ptr<BatchDecoder>> Create(std::shared_ptr<const Contract> contract,
                                                      const std::string& table, const std::string& topic);

  // `records` has these columns, by name, and may have others:
  //   topic      text, without nulls; only of a table of several topics
  //   partition  int32, without nulls
  //   offset     int64, without nulls
  //   timestamp  a timestamp of any unit, or int64 milliseconds; null or negative: none
  //   key        bytes or text
  //   value      bytes or text; null: a tombstone
  //   headers    lists of objects of a key (text) and a value (bytes); may be missing, unless a field of the
  //              table comes from a header
  // `now_ms` (nullopt: the wall clock) replaces absent timestamps. Returns kInvalidArgument if one of
  // these columns is missing or of another type, for a null partition or offset, and for more than
  // kMaxBatchBytes.
  Result<DecodedBatch> Decode(const arrow::RecordBatch& records, std::optional<int64_t> now_ms);

 private:
  BatchDecoder(std::shared_ptr<const Contract> contract, std::shared_ptr<const Table> table,
               std::unique_ptr<RecordDecoder> decoder);

  std::shared_ptr<const Contract> contract_;
  std::shared_ptr<const Table> table_;
  std::unique_ptr<RecordDecoder> decoder_;
  std::string contract_hash_;
};

}  // namespace forebay
