// Reads a few columns of one Parquet file, in small batches. Arrow's and Parquet's own errors and exceptions
// stop here.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/table_store.h"

namespace arrow {
class RecordBatch;
class RecordBatchReader;
}  // namespace arrow
namespace parquet::arrow {
class FileReader;
}

namespace forebay {

// Owned by one thread. Verifies page checksums for the columns it reads. Memory: some MB, independent of the
// file size.
class RowReader {
 public:
  // Reads the footer of the file. Returns kCorruption for malformed content, kIoError if the file cannot be
  // read at all.
  static Result<std::unique_ptr<RowReader>> Open(std::unique_ptr<ReadableFile> file);
  // Opens a visible file; nullptr if it does not exist.
  static Result<std::unique_ptr<RowReader>> Open(TableStore& store, const FilePlace& place);
  ~RowReader();

  // The row count in the footer.
  int64_t rows() const { return rows_; }
  bool HasColumn(const std::string& name) const;
  // Starts reading these top-level columns, in this order, from row `first_row` on. Row groups that end
  // before it are not read. Returns kCorruption if the file has no such column. REQUIRES: first_row >= 0.
  Status Select(const std::vector<std::string>& columns, int64_t first_row = 0);
  // Returns the next rows, with the selected columns in their order; nullptr at the end. REQUIRES: Select.
  Result<std::shared_ptr<arrow::RecordBatch>> Next();

 private:
  explicit RowReader(std::unique_ptr<parquet::arrow::FileReader> file);

  std::unique_ptr<parquet::arrow::FileReader> file_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;
  std::vector<std::string> columns_;
  int64_t rows_ = 0;
  int64_t skip_ = 0;  // rows that Next omits
};

}  // namespace forebay
