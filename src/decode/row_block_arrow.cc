// Exports blocks as Arrow arrays: wraps the blocks' buffers and copies almost nothing.
#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/type.h>

#include "base/overloaded.h"
#include "decode/null_columns.h"
#include "decode/row_block.h"
#include "decode/schema.h"

namespace forebay {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;

std::shared_ptr<arrow::Buffer> Wrap(const void* data, size_t bytes) {
  // Arrow requires an address even if there are no bytes to read.
  static constexpr uint8_t kNothing[64] = {};
  return std::make_shared<arrow::Buffer>(bytes == 0 ? kNothing : static_cast<const uint8_t*>(data),
                                         static_cast<int64_t>(bytes));
}

template <typename T>
std::shared_ptr<arrow::Buffer> Wrap(const GrowBuffer<T>& buffer) {
  return Wrap(buffer.data(), buffer.size() * sizeof(T));
}

std::shared_ptr<arrow::Buffer> WrapValidity(const Validity& validity) {
  if (validity.bits() == nullptr) return nullptr;
  return Wrap(validity.bits(), static_cast<size_t>(validity.size() + 7) / 8);
}

ArrayPtr Make(std::shared_ptr<arrow::DataType> type, const Validity& validity,
              std::vector<std::shared_ptr<arrow::Buffer>> buffers,
              std::vector<std::shared_ptr<arrow::ArrayData>> children = {}) {
  buffers.insert(buffers.begin(), WrapValidity(validity));
  return arrow::MakeArray(arrow::ArrayData::Make(std::move(type), validity.size(), std::move(buffers),
                                                 std::move(children), validity.null_count()));
}

template <typename T>
ArrayPtr FixedArray(std::shared_ptr<arrow::DataType> type, const FixedColumn<T>& column) {
  return Make(std::move(type), column.validity(), {Wrap(column.values())});
}

// An array of rows that are indexes into `values`.
ArrayPtr DictionaryArray(const Validity& validity, std::shared_ptr<arrow::Buffer> indexes,
                         std::shared_ptr<arrow::ArrayData> values) {
  auto data = arrow::ArrayData::Make(arrow::dictionary(arrow::int32(), values->type), validity.size(),
                                     {WrapValidity(validity), std::move(indexes)}, validity.null_count());
  data->dictionary = std::move(values);
  return arrow::MakeArray(std::move(data));
}

}  // namespace

ArrayPtr StringColumnArray(const std::shared_ptr<arrow::DataType>& type, const StringColumn& column) {
  const auto offsets = Wrap(column.offsets());
  const auto bytes = Wrap(column.bytes());
  if (!column.is_dictionary()) return Make(type, column.validity(), {offsets, bytes});
  auto distinct = arrow::ArrayData::Make(type, static_cast<int64_t>(column.offsets().size()) - 1,
                                         {nullptr, offsets, bytes}, 0);
  return DictionaryArray(column.validity(), Wrap(column.indexes()), std::move(distinct));
}

namespace {

ArrayPtr PlainEnumArray(const Field& field, const TableColumn::EnumCodes& column) {
  const Validity& validity = column.codes.validity();
  std::string bytes;
  std::vector<int32_t> offsets = {0};
  offsets.reserve(column.codes.values().size() + 1);
  for (size_t row = 0; row < column.codes.values().size(); ++row) {
    if (validity.IsValid(row)) bytes += field.enum_values[static_cast<size_t>(column.codes.values()[row])];
    offsets.push_back(static_cast<int32_t>(bytes.size()));
  }
  return Make(arrow::utf8(), validity,
              {arrow::Buffer::FromVector(std::move(offsets)), arrow::Buffer::FromString(std::move(bytes))});
}

// Whether any row has the value, for each of the enum's values.
std::vector<bool> Occurring(const TableColumn::EnumCodes& column, size_t values) {
  const GrowBuffer<int32_t>& codes = column.codes.values();
  std::vector<bool> occurs(values);
  for (size_t row = 0, left = values; row < codes.size() && left > 0; ++row) {
    const auto code = static_cast<size_t>(codes[row]);
    if (!column.codes.validity().IsValid(row) || occurs[code]) continue;
    occurs[code] = true;
    --left;
  }
  return occurs;
}

// The dictionary holds only the values that occur, in the contract's order. Arrow (26) may compute statistics
// from the whole dictionary instead of the rows, and readers may answer queries from the statistics alone.
// The values are few, and are copied.
ArrayPtr EnumArray(const Field& field, const TableColumn::EnumCodes& column) {
  if (column.strings == BlockStrings::kPlain) return PlainEnumArray(field, column);
  const std::vector<bool> occurs = Occurring(column, field.enum_values.size());
  std::string bytes;
  std::vector<int32_t> offsets = {0};
  std::vector<int32_t> index_of;  // by code; a null's index is arbitrary
  for (size_t code = 0; code < occurs.size(); ++code) {
    index_of.push_back(static_cast<int32_t>(offsets.size()) - 1);
    if (!occurs[code]) continue;
    bytes += field.enum_values[code];
    offsets.push_back(static_cast<int32_t>(bytes.size()));
  }
  const auto distinct = static_cast<int64_t>(offsets.size()) - 1;
  auto values = arrow::ArrayData::Make(
      arrow::utf8(), distinct,
      {nullptr, arrow::Buffer::FromVector(std::move(offsets)), arrow::Buffer::FromString(std::move(bytes))},
      0);
  const GrowBuffer<int32_t>& codes = column.codes.values();
  if (distinct == static_cast<int64_t>(occurs.size())) {
    return DictionaryArray(column.codes.validity(), Wrap(codes), std::move(values));
  }
  std::vector<int32_t> indexes(codes.size());
  for (size_t row = 0; row < codes.size(); ++row) indexes[row] = index_of[static_cast<size_t>(codes[row])];
  return DictionaryArray(column.codes.validity(), arrow::Buffer::FromVector(std::move(indexes)),
                         std::move(values));
}

ArrayPtr BooleanArray(const FixedColumn<uint8_t>& column) {
  const size_t rows = column.values().size();
  std::string bits(rows / 8 + 1, '\0');
  for (size_t row = 0; row < rows; ++row) {
    bits[row / 8] = static_cast<char>(bits[row / 8] | (column.values()[row] != 0 ? 1 << (row % 8) : 0));
  }
  return Make(arrow::boolean(), column.validity(), {arrow::Buffer::FromString(std::move(bits))});
}

ArrayPtr ColumnArray(const TableColumn& column);

// Children may be dictionary arrays, so the object's type is built from theirs.
ArrayPtr ObjectArray(const TableColumn::Object& object) {
  arrow::FieldVector fields;
  std::vector<std::shared_ptr<arrow::ArrayData>> children;
  for (const TableColumn& child : object.children) {
    const ArrayPtr array = ColumnArray(child);
    fields.push_back(arrow::field(child.node().field->column, array->type(), child.node().field->nullable));
    children.push_back(array->data());
  }
  return Make(arrow::struct_(std::move(fields)), object.validity, {}, std::move(children));
}

ArrayPtr ListArray(const Field& field, const TableColumn::List& list) {
  const ArrayPtr element = ColumnArray(list.children.front());
  auto type = arrow::list(arrow::field("element", element->type(), field.element().nullable));
  return Make(std::move(type), list.validity, {Wrap(list.offsets)}, {element->data()});
}

// Arrow's layout of a map: a list of objects that are never null.
ArrayPtr MapArray(const Field& field, const TableColumn::List& list) {
  const ArrayPtr keys = ColumnArray(list.children[0]);
  const ArrayPtr values = ColumnArray(list.children[1]);
  const auto type =
      std::make_shared<arrow::MapType>(arrow::field("key", keys->type(), false),
                                       arrow::field("value", values->type(), field.fields[1].nullable));
  auto entries = arrow::ArrayData::Make(type->value_type(), keys->length(), {nullptr},
                                        {keys->data(), values->data()}, 0);
  return Make(type, list.validity, {Wrap(list.offsets)}, {std::move(entries)});
}

ArrayPtr ColumnArray(const TableColumn& column) {
  const Field& field = *column.node().field;
  const auto fixed = [&](const auto& values) { return FixedArray(ArrowType(field), values); };
  return std::visit(
      Overloaded{[&](const StringColumn& strings) { return StringColumnArray(arrow::utf8(), strings); },
                 [&](const TableColumn::EnumCodes& codes) { return EnumArray(field, codes); },
                 [&](const FixedColumn<uint8_t>& values) { return BooleanArray(values); },
                 [&](const TableColumn::Object& object) { return ObjectArray(object); },
                 [&](const TableColumn::List& list) {
                   return field.type == FieldType::kMap ? MapArray(field, list) : ListArray(field, list);
                 },
                 fixed},
      column.storage());
}

// `type` is the list's.
ArrayPtr ObjectListArray(const arrow::DataType& type, const ObjectListColumn& column) {
  const auto object = type.field(0)->type();
  std::vector<std::shared_ptr<arrow::ArrayData>> members;
  for (size_t i = 0; i < column.members.size(); ++i) {
    const auto& member = object->field(static_cast<int>(i))->type();
    members.push_back(StringColumnArray(member, column.members[i])->data());
  }
  auto objects = arrow::ArrayData::Make(object, column.offsets[column.offsets.size() - 1], {nullptr},
                                        std::move(members), 0);
  return Make(arrow::list(type.field(0)), column.validity, {Wrap(column.offsets)}, {std::move(objects)});
}

void AppendPosition(const PositionColumns& position, std::vector<ArrayPtr>* arrays) {
  arrays->push_back(FixedArray(arrow::int32(), position.partition));
  arrays->push_back(FixedArray(arrow::int64(), position.offset));
  arrays->push_back(FixedArray(arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), position.timestamp_us));
}

}  // namespace

std::vector<ArrayPtr> RowBlock::Arrays() const {
  std::vector<ArrayPtr> arrays;
  for (const TableColumn& column : columns_) arrays.push_back(ColumnArray(column));
  arrays.push_back(StringColumnArray(arrow::utf8(), extra_));
  if (tombstone_) arrays.push_back(BooleanArray(*tombstone_));
  if (topic_) arrays.push_back(StringColumnArray(arrow::utf8(), *topic_));
  AppendPosition(position_, &arrays);
  return own_ == nullptr ? arrays : AddNullColumns(std::move(arrays), *own_, *schema_, rows());
}

std::vector<ArrayPtr> QuarantineBlock::Arrays() const {
  std::vector<ArrayPtr> arrays = {StringColumnArray(arrow::utf8(), topic_)};
  AppendPosition(position_, &arrays);
  arrays.push_back(StringColumnArray(arrow::binary(), key_));
  arrays.push_back(StringColumnArray(arrow::binary(), value_));
  for (const StringColumn* column : {&reason_, &field_, &detail_, &contract_version_}) {
    arrays.push_back(StringColumnArray(arrow::utf8(), *column));
  }
  arrays.push_back(ObjectListArray(*schema_->GetFieldByName("headers")->type(), headers_));
  arrays.push_back(ObjectListArray(*schema_->GetFieldByName("violations")->type(), violations_));
  return arrays;
}

}  // namespace forebay
