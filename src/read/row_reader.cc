#include "read/row_reader.h"

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/properties.h>

#include <algorithm>
#include <exception>
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

// A readable file as Arrow's random access file.
class ArrowInput final : public arrow::io::RandomAccessFile {
 public:
  ArrowInput(std::unique_ptr<ReadableFile> file, int64_t size) : file_(std::move(file)), size_(size) {}

  arrow::Result<int64_t> ReadAt(int64_t position, int64_t size, void* out) override {
    int64_t read = 0;
    while (read < size) {
      const Result<size_t> got =
          file_->ReadAt(static_cast<uint64_t>(position + read), static_cast<char*>(out) + read,
                        static_cast<size_t>(size - read));
      if (!got.ok()) return arrow::Status::IOError(got.error().message());
      if (*got == 0) break;
      read += static_cast<int64_t>(*got);
    }
    return read;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(int64_t position, int64_t size) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(size));
    ARROW_ASSIGN_OR_RAISE(const int64_t read, ReadAt(position, size, buffer->mutable_data()));
    ARROW_RETURN_NOT_OK(buffer->Resize(read, /*shrink_to_fit=*/false));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }
  arrow::Result<int64_t> Read(int64_t size, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const int64_t read, ReadAt(position_, size, out));
    position_ += read;
    return read;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t size) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(position_, size));
    position_ += buffer->size();
    return buffer;
  }
  arrow::Status Seek(int64_t position) override {
    position_ = position;
    return arrow::Status::OK();
  }
  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Result<int64_t> GetSize() override { return size_; }
  arrow::Status Close() override {
    file_.reset();
    return arrow::Status::OK();
  }
  bool closed() const override { return file_ == nullptr; }

 private:
  std::unique_ptr<ReadableFile> file_;
  const int64_t size_;
  int64_t position_ = 0;
};

}  // namespace

RowReader::RowReader(std::unique_ptr<parquet::arrow::FileReader> file) : file_(std::move(file)) {
  rows_ = file_->parquet_reader()->metadata()->num_rows();
}

RowReader::~RowReader() = default;

Result<std::unique_ptr<RowReader>> RowReader::Open(TableStore& store, const FilePlace& place) {
  FOREBAY_ASSIGN(std::unique_ptr<ReadableFile> file, store.OpenForRead(place));
  if (file == nullptr) return std::unique_ptr<RowReader>();
  return Open(std::move(file));
}

Result<std::unique_ptr<RowReader>> RowReader::Open(std::unique_ptr<ReadableFile> readable) {
  FOREBAY_ASSIGN(const uint64_t size, readable->Size());
  const auto input = std::make_shared<ArrowInput>(std::move(readable), static_cast<int64_t>(size));
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
                   ARROW_RETURN_NOT_OK(builder.Open(input, properties));
                   return builder.properties(arrow_properties)->Build();
                 }));
  return std::unique_ptr<RowReader>(new RowReader(std::move(file)));
}

bool RowReader::HasColumn(const std::string& name) const {
  const auto& schema = *file_->parquet_reader()->metadata()->schema();
  for (int leaf = 0; leaf < schema.num_columns(); ++leaf) {
    if (schema.GetColumnRoot(leaf)->name() == name) return true;
  }
  return false;
}

Status RowReader::Select(const std::vector<std::string>& columns, int64_t first_row) {
  const auto& schema = *file_->parquet_reader()->metadata()->schema();
  std::vector<int> leaves;
  for (const std::string& column : columns) {
    const size_t before = leaves.size();
    for (int leaf = 0; leaf < schema.num_columns(); ++leaf) {
      if (schema.GetColumnRoot(leaf)->name() == column) leaves.push_back(leaf);
    }
    if (leaves.size() == before) return CorruptionError("no column " + column);
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
