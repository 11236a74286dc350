// Buffers rows of one partition directory until they become a row group. Gathers them from Arrow batches into
// the columns from which a file is written.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "base/result.h"
#include "decode/column.h"
#include "decode/row_block.h"
#include "store/parquet_file.h"

namespace arrow {
class ArrayBuilder;
class Array;
class Schema;
}  // namespace arrow

namespace forebay {

// Selected rows of a batch, ascending.
class RowSelection {
 public:
  explicit RowSelection(std::span<const int32_t> rows) : rows_(rows) {}
  std::span<const int32_t> rows() const { return rows_; }
  bool contiguous() const {
    return rows_.empty() || static_cast<size_t>(rows_.back() - rows_.front()) + 1 == rows_.size();
  }

 private:
  std::span<const int32_t> rows_;
};

// Whether a string column has abandoned its dictionary, by column. All buffers of a table share this, and it
// outlives each of them. Columns whose values hardly repeat are plain from the start.
using PlainColumns = std::vector<bool>;

// Owned by one thread at a time.
class RowBuffer {
 public:
  // `plain` must outlive the buffer, which updates it.
  RowBuffer(const arrow::Schema& schema, PlainColumns& plain);
  ~RowBuffer();

  // Copies these rows of the columns, which have exactly the schema's types. `totals` are the totals of these
  // rows. kIoError: out of memory.
  Status Append(const ColumnArrays& columns, const RowSelection& selection, const RowTotals& totals);

  const RowTotals& totals() const { return totals_; }
  int64_t rows() const { return totals_.rows; }
  int64_t memory_bytes() const { return static_cast<int64_t>(memory_.held); }
  // Bytes of those that the rows fill: about the size of a row group of them in memory.
  int64_t filled_bytes() const { return static_cast<int64_t>(memory_.filled); }

  // The columns for ParquetFile. They point into the buffer, which the caller must clear before it appends
  // more.
  Result<ColumnArrays> Arrays();
  // Removes all rows, and keeps the memory of strings for the next ones.
  void Clear();

 private:
  // Everything except strings on the top level goes through Arrow's builders.
  using Column = std::variant<StringColumn, std::unique_ptr<arrow::ArrayBuilder>>;

  void Measure();

  const arrow::Schema& schema_;
  PlainColumns& plain_;
  std::vector<Column> columns_;
  size_t built_bytes_ = 0;  // in builders
  Memory memory_;
  RowTotals totals_;
};

}  // namespace forebay
