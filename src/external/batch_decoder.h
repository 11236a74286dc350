// Kafka records as an Arrow batch in, rows, refusals and tombstones as Arrow batches out: the same decoder
// and the same columns as the native engine's, so that a record means the same whoever lands it.
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

// The column behind the table's own that says which partition directory a row belongs to.
inline constexpr std::string_view kDirectoryColumn = "_partition";

// TableSchema and `_partition`.
std::shared_ptr<arrow::Schema> DecodedSchema(const Table& table);
// _kafka_partition, _kafka_offset, _kafka_timestamp.
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
  // kInvalidArgument when the contract has no such table.
  static Result<std::unique_ptr<BatchDecoder>> Create(std::shared_ptr<const Contract> contract,
                                                      const std::string& table);

  // `records` has, by name, among others: partition (int32), offset (int64), timestamp (a timestamp of any
  // unit, or int64 milliseconds; null or negative: none), key and value (bytes or text; a null value is a
  // tombstone). kInvalidArgument for other columns, for nulls among partitions and offsets, and for more than
  // kMaxBatchBytes. `now_ms` stands in for timestamps that are not there; none: the wall clock.
  Result<DecodedBatch> Decode(const arrow::RecordBatch& records, std::optional<int64_t> now_ms);

 private:
  BatchDecoder(std::shared_ptr<const Contract> contract, std::unique_ptr<RecordDecoder> decoder);

  std::shared_ptr<const Contract> contract_;
  std::unique_ptr<RecordDecoder> decoder_;
  std::string contract_hash_;
};

}  // namespace forebay
