#include "external/row_buffer.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/builder.h>
#include <arrow/compute/api_vector.h>
#include <arrow/type.h>
#include <arrow/util/byte_size.h>

namespace forebay {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;

Error FromArrow(const arrow::Status& status) {
  return IoError("gathering rows for a file failed: " + status.message());
}

bool IsStrings(const arrow::DataType& type) {
  return type.id() == arrow::Type::STRING || type.id() == arrow::Type::BINARY;
}

void AppendStrings(const arrow::BinaryArray& array, const RowSelection& selection, StringColumn* column) {
  const bool nulls = array.null_count() > 0;
  for (const int32_t row : selection.rows()) {
    if (nulls && array.IsNull(row)) {
      column->AppendNull();
    } else {
      column->Append(array.GetView(row));
    }
  }
}

// The selected rows as a new array, without a copy if they are contiguous.
arrow::Result<ArrayPtr> Gather(const ArrayPtr& array, const RowSelection& selection) {
  const auto rows = static_cast<int64_t>(selection.rows().size());
  if (selection.contiguous()) return array->Slice(selection.rows().front(), rows);
  const arrow::Int32Array indices(
      rows, std::make_shared<arrow::Buffer>(reinterpret_cast<const uint8_t*>(selection.rows().data()),
                                            rows * static_cast<int64_t>(sizeof(int32_t))));
  return arrow::compute::Take(*array, indices, arrow::compute::TakeOptions::NoBoundsCheck());
}

}  // namespace

RowBuffer::RowBuffer(const arrow::Schema& schema, PlainColumns& plain) : schema_(schema), plain_(plain) {
  for (int i = 0; i < schema.num_fields(); ++i) {
    if (IsStrings(*schema.field(i)->type())) {
      columns_.emplace_back(StringColumn(plain[static_cast<size_t>(i)] ? StringColumn::Mode::kPlain
                                                                       : StringColumn::Mode::kAdaptive));
    } else {
      columns_.emplace_back(std::unique_ptr<arrow::ArrayBuilder>());  // created with the first rows
    }
  }
  Measure();
}

RowBuffer::~RowBuffer() = default;

Status RowBuffer::Append(const ColumnArrays& columns, const RowSelection& selection,
                         const RowTotals& totals) {
  if (selection.rows().empty()) return Ok();
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (auto* strings = std::get_if<StringColumn>(&columns_[i])) {
      AppendStrings(static_cast<const arrow::BinaryArray&>(*columns[i]), selection, strings);
      if (!strings->is_dictionary()) plain_[i] = true;
      continue;
    }
    auto& builder = std::get<std::unique_ptr<arrow::ArrayBuilder>>(columns_[i]);
    if (builder == nullptr) {
      auto made = arrow::MakeBuilder(schema_.field(static_cast<int>(i))->type());
      if (!made.ok()) return FromArrow(made.status());
      builder = std::move(*made);
    }
    const auto gathered = Gather(columns[i], selection);
    if (!gathered.ok()) return FromArrow(gathered.status());
    const arrow::ArrayData& data = *(*gathered)->data();
    const arrow::Status appended = builder->AppendArraySlice(arrow::ArraySpan(data), 0, data.length);
    if (!appended.ok()) return FromArrow(appended);
    const auto bytes = arrow::util::ReferencedBufferSize(**gathered);
    built_bytes_ += static_cast<size_t>(bytes.ok() ? *bytes : arrow::util::TotalBufferSize(**gathered));
  }
  totals_.Add(totals);
  Measure();
  return Ok();
}

Result<ColumnArrays> RowBuffer::Arrays() {
  ColumnArrays arrays;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (const auto* strings = std::get_if<StringColumn>(&columns_[i])) {
      arrays.push_back(StringColumnArray(schema_.field(static_cast<int>(i))->type(), *strings));
      continue;
    }
    auto finished = std::get<std::unique_ptr<arrow::ArrayBuilder>>(columns_[i])->Finish();
    if (!finished.ok()) return FromArrow(finished.status());
    arrays.push_back(std::move(*finished));
  }
  return arrays;
}

void RowBuffer::Clear() {
  for (Column& column : columns_) {
    if (auto* strings = std::get_if<StringColumn>(&column)) {
      strings->Clear();
    } else {
      std::get<std::unique_ptr<arrow::ArrayBuilder>>(column).reset();
    }
  }
  totals_ = RowTotals();
  built_bytes_ = 0;
  Measure();
}

void RowBuffer::Measure() {
  memory_ = {built_bytes_, built_bytes_};
  for (const Column& column : columns_) {
    if (const auto* strings = std::get_if<StringColumn>(&column)) memory_ += strings->memory();
  }
}

}  // namespace forebay
