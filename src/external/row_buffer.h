// Rows of one partition directory that wait to become a row group: gathered from Arrow batches into the
// columns that a file is written from.
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

// Some rows of a batch, ascending.
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

// Which string columns have left their dictionaries, by column: shared by all buffers of a table, and kept
// beyond each of them. Columns that are plain from the start are those whose values hardly repeat.
using PlainColumns = std::vector<bool>;

// Owned by one thread at a time.
class RowBuffer {
 public:
  // `plain` must outlive the buffer; it learns.
  RowBuffer(const arrow::Schema& schema, PlainColumns& plain);
  ~RowBuffer();

  // Copies these rows of the columns, which have exactly the schema's types. `totals` is of these rows.
  // kIoError: out of memory.
  Status Append(const ColumnArrays& columns, const RowSelection& selection, const RowTotals& totals);

  const RowTotals& totals() const { return totals_; }
  int64_t rows() const { return totals_.rows; }
  int64_t memory_bytes() const { return static_cast<int64_t>(memory_.held); }
  // What the rows fill of that: about what a row group of them takes in memory.
  int64_t filled_bytes() const { return static_cast<int64_t>(memory_.filled); }

  // The columns as ParquetFile takes them; they point into the buffer, which is to be cleared before more is
  // appended.
  Result<ColumnArrays> Arrays();
  // Keeps the memory of strings for the next rows.
  void Clear();

 private:
  // Everything but strings on the top level goes through Arrow's builders.
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
