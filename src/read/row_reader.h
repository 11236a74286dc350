// Reads a few columns of one Parquet file, in small batches. The one place where Arrow's and Parquet's own
// errors and exceptions end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace arrow {
class RecordBatch;
class RecordBatchReader;
}  // namespace arrow
namespace parquet::arrow {
class FileReader;
}

namespace forebay {

// Owned by one thread. Page checksums are verified for the columns that are read. Memory: some MB, whatever
// the size of the file.
class RowReader {
 public:
  // Opens the file and its footer. Errors are kInvalidArgument for what is wrong with the file's content, and
  // kIoError where it cannot be read at all; nullptr when it is not there.
  static Result<std::unique_ptr<RowReader>> Open(const std::string& path);
  ~RowReader();

  // The rows that the footer speaks of.
  int64_t rows() const { return rows_; }
  // Starts reading these top-level columns, in this order. kInvalidArgument when one of them is not there.
  Status Select(const std::vector<std::string>& columns);
  // The next rows, with the selected columns in their order; nullptr at the end. REQUIRES: Select.
  Result<std::shared_ptr<arrow::RecordBatch>> Next();

 private:
  explicit RowReader(std::unique_ptr<parquet::arrow::FileReader> file);

  std::unique_ptr<parquet::arrow::FileReader> file_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;
  std::vector<std::string> columns_;
  int64_t rows_ = 0;
};

}  // namespace forebay
