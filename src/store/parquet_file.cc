#include "store/parquet_file.h"

#include <arrow/array.h>
#include <arrow/extension/json.h>
#include <arrow/io/interfaces.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/schema.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>
#include <parquet/properties.h>

#include "decode/schema.h"

namespace forebay {
namespace {

constexpr int kZstdLevel = 1;
// Arrow finds a dictionary column's statistics anew for each batch that it writes; its default is 1024 rows.
constexpr int64_t kWriteBatchRows = 16 * 1024;

// Measured with Arrow 26: what it keeps for a column of an open file, and for one of a row group, with the
// page index.
constexpr int64_t kColumnBytes = 5'500;
constexpr int64_t kColumnChunkBytes = 1'500;

int64_t CountLeaves(const arrow::DataType& type) {
  if (type.num_fields() == 0) return 1;
  int64_t leaves = 0;
  for (const auto& field : type.fields()) leaves += CountLeaves(*field->type());
  return leaves;
}

int64_t CountLeaves(const arrow::Schema& schema) {
  int64_t leaves = 0;
  for (const auto& field : schema.fields()) leaves += CountLeaves(*field->type());
  return leaves;
}

// Arrow's writer on top of a staged file.
class StagedOutput final : public arrow::io::OutputStream {
 public:
  explicit StagedOutput(std::unique_ptr<StagedFileWriter> writer) : writer_(std::move(writer)) {}

  arrow::Status Write(const void* data, int64_t size) override {
    const Status status = writer_->Append(data, static_cast<size_t>(size));
    if (status.ok()) return arrow::Status::OK();
    return arrow::Status::IOError(status.error().message());
  }
  arrow::Result<int64_t> Tell() const override { return static_cast<int64_t>(writer_->bytes()); }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }

  StagedFileWriter& writer() { return *writer_; }

 private:
  std::unique_ptr<StagedFileWriter> writer_;
  bool closed_ = false;
};

Error FromArrow(const std::string& file, const std::string& message) {
  return IoError("writing the staged file " + file + " failed: " + message);
}

// Arrow's Status and Parquet's exceptions end here.
template <typename Function>
Status Guarded(const std::string& file, Function&& function) {
  try {
    const arrow::Status status = function();
    if (status.ok()) return Ok();
    return FromArrow(file, status.message());
  } catch (const std::exception& error) {
    return FromArrow(file, error.what());
  }
}

bool IsTimeOrOffset(const arrow::Field& field) {
  return field.type()->id() == arrow::Type::TIMESTAMP || field.type()->id() == arrow::Type::TIME64 ||
         field.name() == kOffsetColumn;
}

// The same field, with Arrow's extension type for JSON where the strings are JSON texts: Parquet has a type
// of its own for them. The storage is the same.
std::shared_ptr<arrow::Field> WithJsonTypes(const std::shared_ptr<arrow::Field>& field) {
  if (HoldsJson(*field)) return field->WithType(arrow::extension::json(arrow::utf8()))->RemoveMetadata();
  const arrow::DataType& type = *field->type();
  arrow::FieldVector children;
  for (const auto& child : type.fields()) children.push_back(WithJsonTypes(child));
  switch (type.id()) {
    case arrow::Type::STRUCT:
      return field->WithType(arrow::struct_(std::move(children)));
    case arrow::Type::LIST:
      return field->WithType(arrow::list(std::move(children.front())));
    case arrow::Type::MAP:
      return field->WithType(std::make_shared<arrow::MapType>(std::move(children.front())));
    default:
      return field;
  }
}

std::shared_ptr<arrow::Schema> WithJsonTypes(const arrow::Schema& schema) {
  arrow::FieldVector fields;
  for (const auto& field : schema.fields()) fields.push_back(WithJsonTypes(field));
  return arrow::schema(std::move(fields), schema.metadata());
}

std::shared_ptr<parquet::WriterProperties> MakeProperties(const arrow::Schema& schema,
                                                          const arrow::ArrayVector& arrays,
                                                          Encodings encodings) {
  parquet::WriterProperties::Builder builder;
  builder.compression(parquet::Compression::ZSTD);
  builder.compression_level(kZstdLevel);
  builder.write_batch_size(kWriteBatchRows);
  builder.enable_page_checksum();
  builder.enable_write_page_index();
  builder.enable_store_decimal_as_integer();
  // In the form that parquet.thrift asks for: readers look there for what they know of a writer's versions.
  builder.created_by("forebay version " FOREBAY_VERSION);
  for (int i = 0; i < schema.num_fields(); ++i) {
    const arrow::Field& field = *schema.field(i);
    const arrow::Type::type stored = arrays[static_cast<size_t>(i)]->type_id();
    if (IsTimeOrOffset(field)) {
      builder.disable_dictionary(field.name());
      if (encodings != Encodings::kPlain)
        builder.encoding(field.name(), parquet::Encoding::DELTA_BINARY_PACKED);
    } else if (stored == arrow::Type::STRING || stored == arrow::Type::BINARY) {
      builder.disable_dictionary(field.name());
      if (encodings == Encodings::kDelta)
        builder.encoding(field.name(), parquet::Encoding::DELTA_LENGTH_BYTE_ARRAY);
    }
  }
  return builder.build();
}

}  // namespace

FileSettings TableFileSettings(const Contract& contract, std::string_view name, const Table* table,
                               std::string_view engine) {
  FileSettings settings;
  settings.metadata = {{"contract_id", contract.id},
                       {"contract_version", contract.version},
                       {"table", std::string(name)},
                       {"engine", std::string(engine)}};
  if (table != nullptr) settings.encodings = table->encodings;
  return settings;
}

int64_t OpenFileBytes(const arrow::Schema& schema) {
  return CountLeaves(schema) * kColumnBytes;
}

class ParquetFile::Impl {
 public:
  explicit Impl(std::unique_ptr<StagedFileWriter> staged)
      : name_(staged->name()), output_(std::make_shared<StagedOutput>(std::move(staged))) {}

  Status Open(const arrow::Schema& plain_schema, const ColumnArrays& first, const FileSettings& settings) {
    auto pairs = std::make_shared<arrow::KeyValueMetadata>();
    for (const auto& [key, value] : settings.metadata) pairs->Append("forebay." + key, value);
    const auto schema = WithJsonTypes(*plain_schema.WithMetadata(pairs));
    columns_ = CountLeaves(*schema);
    return Guarded(name_, [&]() -> arrow::Status {
      ARROW_ASSIGN_OR_RAISE(writer_, parquet::arrow::FileWriter::Open(
                                         *schema, arrow::default_memory_pool(), output_,
                                         MakeProperties(*schema, first, settings.encodings),
                                         parquet::ArrowWriterProperties::Builder().store_schema()->build()));
      return arrow::Status::OK();
    });
  }

  Status Write(const ColumnArrays& columns) {
    ++row_groups_;
    return Guarded(name_, [&]() -> arrow::Status {
      ARROW_RETURN_NOT_OK(writer_->NewRowGroup());
      for (const auto& array : columns) ARROW_RETURN_NOT_OK(writer_->WriteColumnChunk(*array));
      return arrow::Status::OK();
    });
  }

  Result<StagedFileWriter::Finished> Finish() {
    FOREBAY_TRY(Guarded(name_, [&] { return writer_->Close(); }));
    return output_->writer().Finish();
  }

  const std::string& name() const { return name_; }
  int64_t memory_bytes() const { return columns_ * (kColumnBytes + row_groups_ * kColumnChunkBytes); }
  uint64_t bytes() const { return output_->writer().bytes(); }

 private:
  std::string name_;
  std::shared_ptr<StagedOutput> output_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
  int64_t columns_ = 0;
  int64_t row_groups_ = 0;
};

ParquetFile::ParquetFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ParquetFile::~ParquetFile() = default;

Result<std::unique_ptr<ParquetFile>> ParquetFile::Create(std::unique_ptr<StagedFileWriter> staged,
                                                         const std::shared_ptr<arrow::Schema>& schema,
                                                         const ColumnArrays& first,
                                                         const FileSettings& settings) {
  auto impl = std::make_unique<Impl>(std::move(staged));
  FOREBAY_TRY(impl->Open(*schema, first, settings));
  return std::unique_ptr<ParquetFile>(new ParquetFile(std::move(impl)));
}

Status ParquetFile::Write(const ColumnArrays& columns, const RowTotals& totals) {
  FOREBAY_ASSERT(totals.rows > 0);
  totals_.Add(totals);
  return impl_->Write(columns);
}

Result<ParquetFile::Finished> ParquetFile::Finish() {
  FOREBAY_ASSIGN(StagedFileWriter::Finished finished, impl_->Finish());
  return Finished{impl_->name(), finished.content, totals_, std::move(finished.file)};
}

int64_t ParquetFile::memory_bytes() const {
  return impl_->memory_bytes();
}

uint64_t ParquetFile::bytes() const {
  return impl_->bytes();
}

}  // namespace forebay
