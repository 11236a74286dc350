#include "external/coerce.h"

#include <arrow/array.h>
#include <arrow/compute/api_vector.h>
#include <arrow/compute/cast.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/byte_size.h>
#include <fmt/format.h>

#include "base/time.h"

namespace forebay {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using arrow::Type;

Error FromArrow(const std::string& path, const arrow::Status& status) {
  return InvalidArgumentError(fmt::format("column {} cannot be read: {}", path, status.message()));
}

Error TypeMismatch(const std::string& path, const arrow::DataType& found, const arrow::DataType& wanted) {
  return InvalidArgumentError(
      fmt::format("column {} is {}; it has to be {}", path, found.ToString(), wanted.ToString()));
}

Error HoldsNull(const std::string& path) {
  return InvalidArgumentError(fmt::format("column {} holds a null, and it is required", path));
}

bool IsText(Type::type type) {
  return type == Type::STRING || type == Type::LARGE_STRING || type == Type::STRING_VIEW;
}
bool IsBinary(Type::type type) {
  return type == Type::BINARY || type == Type::LARGE_BINARY || type == Type::BINARY_VIEW;
}

Result<ArrayPtr> CoerceType(const ArrayPtr& array, const std::shared_ptr<arrow::DataType>& wanted,
                            const std::string& path);

ArrayPtr WithType(const arrow::Array& array, const std::shared_ptr<arrow::DataType>& type,
                  std::vector<std::shared_ptr<arrow::ArrayData>> children = {}) {
  const std::shared_ptr<arrow::ArrayData> data = array.data()->Copy();
  data->type = type;
  if (!children.empty()) data->child_data = std::move(children);
  return arrow::MakeArray(data);
}

// Removes the nulls of a required column below absent objects. Parquet's writer accepts no nulls in a
// required column, not even there, where no reader sees them. Any value may replace them.
ArrayPtr WithoutPlaceholderNulls(const arrow::Array& array) {
  const std::shared_ptr<arrow::ArrayData> data = array.data()->Copy();
  data->buffers[0] = nullptr;
  data->null_count = 0;
  return arrow::MakeArray(data);
}

Result<ArrayPtr> CoerceText(const ArrayPtr& array, const std::shared_ptr<arrow::DataType>& wanted,
                            const std::string& path) {
  const Type::type type = array->type_id();
  const bool fits = IsText(type) || (wanted->id() == Type::BINARY && IsBinary(type));
  if (!fits) return TypeMismatch(path, *array->type(), *wanted);
  if (type == Type::STRING) return WithType(*array, wanted);
  const auto cast = arrow::compute::Cast(*array, wanted);
  if (!cast.ok()) return FromArrow(path, cast.status());
  return *cast;
}

// Spark has its times as numbers.
Result<ArrayPtr> CoerceTime(const ArrayPtr& array, const std::shared_ptr<arrow::DataType>& wanted,
                            const std::string& path) {
  const auto& micros = static_cast<const arrow::Int64Array&>(*array);
  for (int64_t row = 0; row < micros.length(); ++row) {
    if (micros.IsNull(row) || (micros.Value(row) >= 0 && micros.Value(row) < kMicrosPerDay)) continue;
    return InvalidArgumentError(fmt::format(
        "column {} holds {}, which is not a time of a day in microseconds", path, micros.Value(row)));
  }
  return WithType(*array, wanted);
}

// Matches members by name. Ignores the members of a null object.
Result<ArrayPtr> CoerceObject(const ArrayPtr& array, const std::shared_ptr<arrow::DataType>& wanted,
                              const std::string& path) {
  if (array->type_id() != Type::STRUCT || array->type()->num_fields() != wanted->num_fields())
    return TypeMismatch(path, *array->type(), *wanted);
  const auto& object = static_cast<const arrow::StructArray&>(*array);
  std::vector<std::shared_ptr<arrow::ArrayData>> children;
  for (const auto& member : wanted->fields()) {
    const std::string member_path = path + "." + member->name();
    const int index = object.struct_type()->GetFieldIndex(member->name());
    if (index < 0) return InvalidArgumentError("column " + member_path + " is missing");
    const ArrayPtr child = arrow::MakeArray(object.data()->child_data[static_cast<size_t>(index)]);
    FOREBAY_ASSIGN(ArrayPtr coerced, CoerceType(child, member->type(), member_path));
    if (!member->nullable() && coerced->null_count() > 0) {
      const ArrayPtr visible = object.field(index);
      for (int64_t row = 0; row < object.length(); ++row) {
        if (object.IsValid(row) && visible->IsNull(row)) return HoldsNull(member_path);
      }
      coerced = WithoutPlaceholderNulls(*coerced);
    }
    children.push_back(coerced->data());
  }
  return WithType(*array, wanted, std::move(children));
}

Result<ArrayPtr> CoerceList(const ArrayPtr& array, const std::shared_ptr<arrow::DataType>& wanted,
                            const std::string& path) {
  if (array->type_id() != wanted->id()) return TypeMismatch(path, *array->type(), *wanted);
  const auto& list = static_cast<const arrow::ListArray&>(*array);
  const auto& element = *wanted->field(0);
  const std::string element_path = path + "[]";
  FOREBAY_ASSIGN(ArrayPtr values, CoerceType(list.values(), element.type(), element_path));
  if (!element.nullable() && values->null_count() > 0) {
    const auto flat = list.Flatten();
    if (!flat.ok()) return FromArrow(path, flat.status());
    if ((*flat)->null_count() > 0) return HoldsNull(element_path);
    values = WithoutPlaceholderNulls(*values);
  }
  return WithType(*array, wanted, {values->data()});
}

Result<ArrayPtr> CoerceType(const ArrayPtr& array, const std::shared_ptr<arrow::DataType>& wanted,
                            const std::string& path) {
  const arrow::DataType& type = *array->type();
  if (type.id() == Type::DICTIONARY) {
    const auto& dictionary = static_cast<const arrow::DictionaryArray&>(*array);
    const auto plain = arrow::compute::Take(*dictionary.dictionary(), *dictionary.indices());
    if (!plain.ok()) return FromArrow(path, plain.status());
    return CoerceType(*plain, wanted, path);
  }
  if (wanted->id() == Type::STRUCT) return CoerceObject(array, wanted, path);
  if (wanted->id() == Type::LIST || wanted->id() == Type::MAP) return CoerceList(array, wanted, path);
  if (type.Equals(*wanted)) return array;
  if (IsText(wanted->id()) || IsBinary(wanted->id())) return CoerceText(array, wanted, path);
  if (wanted->id() == Type::TIME64 && type.id() == Type::INT64) return CoerceTime(array, wanted, path);
  if (wanted->id() == Type::TIMESTAMP && type.id() == Type::TIMESTAMP) {
    const auto& found = static_cast<const arrow::TimestampType&>(type);
    const auto& asked = static_cast<const arrow::TimestampType&>(*wanted);
    if (found.unit() == asked.unit() && found.timezone().empty() == asked.timezone().empty())
      return WithType(*array, wanted);
  }
  return TypeMismatch(path, type, *wanted);
}

}  // namespace

Status CheckBatchSize(const arrow::RecordBatch& batch) {
  int64_t bytes = 0;
  for (const auto& column : batch.columns()) {
    const auto size = arrow::util::ReferencedBufferSize(*column);
    // ReferencedBufferSize fails for some types: then count the whole buffers.
    bytes += size.ok() ? *size : arrow::util::TotalBufferSize(*column);
  }
  if (bytes <= kMaxBatchBytes) return Ok();
  return InvalidArgumentError(fmt::format(
      "a batch of {} rows holds {} bytes, and {} are the most that one may hold: hand it over in slices",
      batch.num_rows(), bytes, kMaxBatchBytes));
}

Result<ArrayPtr> Coerce(const ArrayPtr& array, const arrow::Field& wanted) {
  FOREBAY_ASSIGN(const ArrayPtr coerced, CoerceType(array, wanted.type(), wanted.name()));
  if (!wanted.nullable() && coerced->null_count() > 0) return HoldsNull(wanted.name());
  return coerced;
}

Result<std::vector<ArrayPtr>> CoerceColumns(const arrow::RecordBatch& batch, const arrow::Schema& schema,
                                            const std::string& source) {
  std::vector<ArrayPtr> columns;
  for (const auto& field : schema.fields()) {
    const std::vector<int> found = batch.schema()->GetAllFieldIndices(field->name());
    if (found.size() != 1) {
      return InvalidArgumentError(
          fmt::format("{} have {} column {}", source, found.empty() ? "no" : "more than one", field->name()));
    }
    FOREBAY_ASSIGN(ArrayPtr column, Coerce(batch.column(found.front()), *field));
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace forebay
