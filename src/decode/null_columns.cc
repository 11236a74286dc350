#include "decode/null_columns.h"

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/type.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace forebay {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using DataPtr = std::shared_ptr<arrow::ArrayData>;
using TypePtr = std::shared_ptr<arrow::DataType>;

DataPtr NullData(const TypePtr& type, int64_t length) {
  const auto nulls = arrow::MakeArrayOfNull(type, length);
  FOREBAY_ASSERT(nulls.ok());
  return (*nulls)->data();
}

DataPtr WithMembers(const DataPtr& data, const arrow::DataType& wanted);

DataPtr WithChildren(const DataPtr& data, TypePtr type, std::vector<DataPtr> children) {
  DataPtr copy = data->Copy();
  copy->type = std::move(type);
  copy->child_data = std::move(children);
  return copy;
}

DataPtr FillObject(const DataPtr& data, const arrow::DataType& wanted) {
  const auto& object = static_cast<const arrow::StructType&>(*data->type);
  arrow::FieldVector fields;
  std::vector<DataPtr> children;
  for (const auto& member : wanted.fields()) {
    const int index = object.GetFieldIndex(member->name());
    children.push_back(index < 0
                           ? NullData(member->type(), data->offset + data->length)
                           : WithMembers(data->child_data[static_cast<size_t>(index)], *member->type()));
    fields.push_back(member->WithType(children.back()->type));
  }
  return WithChildren(data, arrow::struct_(std::move(fields)), std::move(children));
}

// Of lists, and of maps, whose entries are objects.
DataPtr FillList(const DataPtr& data, const arrow::DataType& wanted) {
  const DataPtr values = WithMembers(data->child_data[0], *wanted.field(0)->type());
  if (wanted.id() == arrow::Type::LIST)
    return WithChildren(data, arrow::list(wanted.field(0)->WithType(values->type)), {values});
  const auto& map = static_cast<const arrow::MapType&>(wanted);
  return WithChildren(
      data,
      std::make_shared<arrow::MapType>(map.key_field()->WithType(values->child_data[0]->type),
                                       map.item_field()->WithType(values->child_data[1]->type)),
      {values});
}

DataPtr WithMembers(const DataPtr& data, const arrow::DataType& wanted) {
  switch (wanted.id()) {
    case arrow::Type::STRUCT:
      return FillObject(data, wanted);
    case arrow::Type::LIST:
    case arrow::Type::MAP:
      return FillList(data, wanted);
    default:
      return data;
  }
}

bool HasMembers(const arrow::DataType& type, const arrow::DataType& own) {
  if (type.id() != own.id()) return false;
  switch (own.id()) {
    case arrow::Type::STRUCT: {
      const auto& object = static_cast<const arrow::StructType&>(type);
      return std::all_of(own.fields().begin(), own.fields().end(), [&](const auto& member) {
        const auto found = object.GetFieldByName(member->name());
        return found != nullptr && HasMembers(*found->type(), *member->type());
      });
    }
    case arrow::Type::LIST:
    case arrow::Type::MAP:
      return HasMembers(*type.field(0)->type(), *own.field(0)->type());
    default:
      return type.Equals(own);
  }
}

}  // namespace

bool HasColumns(const arrow::Schema& schema, const arrow::Schema& own) {
  return std::all_of(own.fields().begin(), own.fields().end(), [&](const auto& field) {
    const auto found = schema.GetFieldByName(field->name());
    return found != nullptr && HasMembers(*found->type(), *field->type());
  });
}

std::vector<ArrayPtr> AddNullColumns(std::vector<ArrayPtr> columns, const arrow::Schema& own,
                                     const arrow::Schema& schema, int64_t rows) {
  std::vector<ArrayPtr> all;
  for (const auto& field : schema.fields()) {
    const int index = own.GetFieldIndex(field->name());
    if (index < 0) {
      all.push_back(arrow::MakeArray(NullData(field->type(), rows)));
      continue;
    }
    ArrayPtr& column = columns[static_cast<size_t>(index)];
    all.push_back(own.field(index)->type()->Equals(*field->type())
                      ? std::move(column)
                      : arrow::MakeArray(WithMembers(column->data(), *field->type())));
  }
  return all;
}

}  // namespace forebay
