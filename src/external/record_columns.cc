#include "external/record_columns.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "decode/schema.h"
#include "external/coerce.h"

namespace forebay {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;

Result<ArrayPtr> Column(const arrow::RecordBatch& records, const std::string& name) {
  const std::vector<int> found = records.schema()->GetAllFieldIndices(name);
  if (found.size() == 1) return records.column(found.front());
  return InvalidArgumentError("the records have " + std::string(found.empty() ? "no" : "more than one") +
                              " column '" + name +
                              "'; they come with partition, offset, timestamp, key and value");
}

template <typename ArrayType>
Result<std::shared_ptr<ArrayType>> TypedColumn(const arrow::RecordBatch& records, const std::string& name,
                                               const std::shared_ptr<arrow::DataType>& type, bool nullable) {
  FOREBAY_ASSIGN(const ArrayPtr column, Column(records, name));
  FOREBAY_ASSIGN(const ArrayPtr coerced, Coerce(column, *arrow::field(name, type, nullable)));
  return std::static_pointer_cast<ArrayType>(coerced);
}

}  // namespace

Result<RecordColumns> RecordColumns::Make(const arrow::RecordBatch& records, bool has_topics) {
  FOREBAY_TRY(CheckBatchSize(records));
  RecordColumns columns;
  if (has_topics) {
    FOREBAY_ASSIGN(columns.topic_, TypedColumn<arrow::StringArray>(records, "topic", arrow::utf8(), false));
  }
  FOREBAY_ASSIGN(columns.partition_,
                 TypedColumn<arrow::Int32Array>(records, "partition", arrow::int32(), false));
  FOREBAY_ASSIGN(columns.offset_, TypedColumn<arrow::Int64Array>(records, "offset", arrow::int64(), false));
  FOREBAY_ASSIGN(columns.key_, TypedColumn<arrow::BinaryArray>(records, "key", arrow::binary(), true));
  FOREBAY_ASSIGN(columns.value_, TypedColumn<arrow::BinaryArray>(records, "value", arrow::binary(), true));
  if (records.schema()->GetFieldIndex("headers") >= 0) {
    const std::shared_ptr<arrow::DataType> type = QuarantineSchema()->GetFieldByName("headers")->type();
    FOREBAY_ASSIGN(columns.headers_, TypedColumn<arrow::ListArray>(records, "headers", type, true));
  }
  FOREBAY_ASSIGN(const ArrayPtr timestamp, Column(records, "timestamp"));
  if (timestamp->type_id() == arrow::Type::TIMESTAMP) {
    const auto unit = static_cast<const arrow::TimestampType&>(*timestamp->type()).unit();
    if (unit == arrow::TimeUnit::SECOND) columns.ms_per_ = 1000;
    if (unit == arrow::TimeUnit::MICRO) columns.per_ms_ = 1000;
    if (unit == arrow::TimeUnit::NANO) columns.per_ms_ = 1'000'000;
  } else if (timestamp->type_id() != arrow::Type::INT64) {
    return InvalidArgumentError("column timestamp is " + timestamp->type()->ToString() +
                                "; it has to be a timestamp, or int64 milliseconds");
  }
  const std::shared_ptr<arrow::ArrayData> numbers = timestamp->data()->Copy();
  numbers->type = arrow::int64();
  columns.timestamp_ = std::make_shared<arrow::Int64Array>(numbers);
  return columns;
}

RecordView RecordColumns::At(int64_t row) const {
  RecordView record;
  if (topic_ != nullptr) record.topic = topic_->GetView(row);
  record.partition = PartitionId(partition_->Value(row));
  record.offset = Offset(offset_->Value(row));
  if (timestamp_->IsValid(row)) {
    const int64_t given = timestamp_->Value(row);
    const int64_t whole = given / per_ms_;
    // The first limit keeps the product small.
    if (given >= 0 && whole <= kEndKafkaTimestampMs && IsUsableKafkaTimestamp(whole * ms_per_))
      record.timestamp_ms = whole * ms_per_;
  }
  if (key_->IsValid(row)) record.key = key_->GetView(row);
  if (value_->IsValid(row)) record.value = value_->GetView(row);
  return record;
}

void RecordColumns::SetHeaders(int64_t row, std::vector<RecordHeader>* buffer, RecordView* record) const {
  buffer->clear();
  if (headers_ == nullptr || headers_->IsNull(row)) return;
  const auto& objects = static_cast<const arrow::StructArray&>(*headers_->values());
  const auto& names = static_cast<const arrow::StringArray&>(*objects.field(0));
  const auto& values = static_cast<const arrow::BinaryArray&>(*objects.field(1));
  for (int64_t i = headers_->value_offset(row); i < headers_->value_offset(row + 1); ++i) {
    buffer->push_back({names.GetView(i), std::nullopt});
    if (values.IsValid(i)) buffer->back().value = values.GetView(i);
  }
  record->headers = *buffer;
}

}  // namespace forebay
