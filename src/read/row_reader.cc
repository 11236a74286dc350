#include "read/row_reader.h"

#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/io_util.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/properties.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <utility>

namespace forebay {
namespace {

constexpr int64_t kBatchRows = 32 * 1024;
constexpr int64_t kStreamBytes = 256 * 1024;

Error FromArrow(const arrow::Status& status) {
  // Some builds of Arrow append a call stack; the first line is the message.
  const std::string message = status.message();
  const std::string line = message.substr(0, message.find('\n'));
  return status.IsIOError() ? IoError(line) : CorruptionError(line);
}

// Runs a function that returns an arrow::Result, and converts every error and exception into an Error.
template <typename Function>
auto Guarded(Function&& function) -> Result<std::decay_t<decltype(*function())>> {
  try {
    auto result = function();
    if (!result.ok()) return FromArrow(result.status());
    return std::move(result).ValueUnsafe();
  } catch (const std::exception& error) {
    return CorruptionError(error.what());
  }
}

}  // namespace

RowReader::RowReader(std::unique_ptr<parquet::arrow::FileReader> file) : file_(std::move(file)) {
  rows_ = file_->parquet_reader()->metadata()->num_rows();
}

RowReader::~RowReader() = default;

Result<std::unique_ptr<RowReader>> RowReader::Open(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_other(path, ignored)) {  // a pipe: Arrow would wait for a writer
    return IoError(path + " is not a regular file");
  }
  const auto opened = arrow::io::ReadableFile::Open(path);
  if (!opened.ok()) {
    if (arrow::internal::ErrnoFromStatus(opened.status()) == ENOENT) return std::unique_ptr<RowReader>();
    return FromArrow(opened.status());
  }
  using Reader = std::unique_ptr<parquet::arrow::FileReader>;
  FOREBAY_ASSIGN(Reader file, Guarded([&]() -> arrow::Result<Reader> {
                   parquet::ReaderProperties properties;
                   properties.set_page_checksum_verification(true);
                   properties.enable_buffered_stream();
                   properties.set_buffer_size(kStreamBytes);
                   parquet::ArrowReaderProperties arrow_properties(/*use_threads=*/false);
                   arrow_properties.set_batch_size(kBatchRows);
                   arrow_properties.set_pre_buffer(false);
                   parquet::arrow::FileReaderBuilder builder;
                   ARROW_RETURN_NOT_OK(builder.Open(*opened, properties));
                   return builder.properties(arrow_properties)->Build();
                 }));
  return std::unique_ptr<RowReader>(new RowReader(std::move(file)));
}

Status RowReader::Select(const std::vector<std::string>& columns, int64_t first_row) {
  const auto& schema = *file_->parquet_reader()->metadata()->schema();
  std::vector<int> leaves;
  for (const std::string& column : columns) {
    const int leaf = schema.ColumnIndex(column);
    if (leaf < 0) return CorruptionError("no column " + column);
    leaves.push_back(leaf);
  }
  columns_ = columns;
  std::vector<int> row_groups;
  skip_ = first_row;
  for (int i = 0; i < file_->num_row_groups(); ++i) {
    const int64_t rows = file_->parquet_reader()->metadata()->RowGroup(i)->num_rows();
    if (row_groups.empty() && rows <= skip_) {
      skip_ -= rows;
    } else {
      row_groups.push_back(i);
    }
  }
  FOREBAY_ASSIGN(batches_, Guarded([&] { return file_->GetRecordBatchReader(row_groups, leaves); }));
  return Ok();
}

Result<std::shared_ptr<arrow::RecordBatch>> RowReader::Next() {
  std::shared_ptr<arrow::RecordBatch> batch;
  do {
    FOREBAY_ASSIGN(batch, Guarded([&] { return batches_->Next(); }));
    if (batch == nullptr) return batch;
    const int64_t skipped = std::min(skip_, batch->num_rows());
    if (skipped > 0) batch = batch->Slice(skipped);
    skip_ -= skipped;
  } while (batch->num_rows() == 0);
  // The reader returns columns in the file's order.
  std::vector<int> order;
  for (const std::string& column : columns_) order.push_back(batch->schema()->GetFieldIndex(column));
  return Guarded([&] { return batch->SelectColumns(order); });
}

}  // namespace forebay
