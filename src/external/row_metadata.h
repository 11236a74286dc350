// The metadata of each row of a batch, for the ledger and the partition statistics, read from the batch's
// columns.
#pragma once

#include <arrow/array.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"
#include "decode/record.h"
#include "decode/row_block.h"
#include "store/parquet_file.h"

namespace forebay {

// The rows of a batch that belong to one directory, ascending.
struct DirectoryRows {
  std::string directory;
  std::vector<int32_t> rows;
};

// Thread-compatible. Shares ownership of the columns that it reads.
class RowMetadata {
 public:
  // Of rows of a table. `columns` are those of `schema`, which begins with the table's own. Returns
  // kInvalidArgument if a directory is not one of the table, or not the one that its rows belong to.
  static Result<RowMetadata> OfRows(const Table& table, const arrow::Schema& schema,
                                    const ColumnArrays& columns,
                                    const std::vector<DirectoryRows>& directories);
  // Of rejected records, in the columns of QuarantineSchema.
  static RowMetadata OfRejects(const ColumnArrays& columns);
  // Of tombstones, in the columns of TombstoneSchema.
  static RowMetadata OfTombstones(const ColumnArrays& columns);

  int64_t rows() const { return offset_->length(); }
  // Empty for rows of a table of one topic.
  std::string_view topic(int64_t row) const {
    return topic_ == nullptr ? std::string_view() : topic_->GetView(row);
  }
  int32_t partition(int64_t row) const { return partition_->Value(row); }
  int64_t offset(int64_t row) const { return offset_->Value(row); }
  // If it is usable; -1: none.
  int64_t timestamp_ms(int64_t row) const {
    return timestamp_->IsValid(row) ? UsableKafkaTimestamp(timestamp_->Value(row) / 1000) : -1;
  }
  std::optional<int64_t> event_time_us(int64_t row) const {
    return event_times_.empty() ? std::nullopt : event_times_[static_cast<size_t>(row)];
  }
  RowTotals TotalsOf(std::span<const int32_t> rows) const;

 private:
  // `first_position`: the index of the column of Kafka partitions.
  RowMetadata(const ColumnArrays& columns, size_t first_position, bool has_topics);

  Status ReadKeys(const Table& table, const arrow::Schema& schema, const ColumnArrays& columns,
                  const std::vector<DirectoryRows>& directories);
  Status ReadEventTimes(const Table& table, const arrow::Schema& schema, const ColumnArrays& columns,
                        const std::vector<DirectoryRows>& directories);

  std::shared_ptr<arrow::StringArray> topic_;  // null: the rows are of a table of one topic
  std::shared_ptr<arrow::Int32Array> partition_;
  std::shared_ptr<arrow::Int64Array> offset_;
  std::shared_ptr<arrow::TimestampArray> timestamp_;
  bool counts_keys_ = false;
  std::vector<uint64_t> keys_;                       // empty: the table has no primary key
  std::vector<std::optional<int64_t>> event_times_;  // microseconds; empty: the table has no event time
};

}  // namespace forebay
