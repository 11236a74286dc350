#include "read/array_hash.h"

#include <arrow/array.h>
#include <arrow/type.h>

#include <cstring>

namespace forebay {
namespace {

using Hashers = std::vector<RowHasher>;

template <typename Add>
void ForEachRow(const arrow::Array& array, Hashers* hashers, Add&& add) {
  const int64_t rows = array.length();
  if (array.null_count() == 0) {
    for (int64_t row = 0; row < rows; ++row) add((*hashers)[static_cast<size_t>(row)], row);
    return;
  }
  for (int64_t row = 0; row < rows; ++row) {
    RowHasher& hasher = (*hashers)[static_cast<size_t>(row)];
    if (array.IsNull(row)) {
      hasher.AddNull();
    } else {
      add(hasher, row);
    }
  }
}

template <typename Array>
bool AddStrings(const arrow::Array& column, Hashers* hashers) {
  const auto& array = static_cast<const Array&>(column);
  ForEachRow(array, hashers, [&](RowHasher& hasher, int64_t row) { hasher.AddBytes(array.GetView(row)); });
  return true;
}

template <typename Array>
bool AddIntegers(const arrow::Array& column, Hashers* hashers) {
  const auto& array = static_cast<const Array&>(column);
  ForEachRow(array, hashers, [&](RowHasher& hasher, int64_t row) {
    hasher.AddInt64(static_cast<int64_t>(array.Value(row)));
  });
  return true;
}

bool AddDecimals(const arrow::Array& column, Hashers* hashers) {
  const auto& array = static_cast<const arrow::Decimal128Array&>(column);
  ForEachRow(array, hashers, [&](RowHasher& hasher, int64_t row) {
    __int128 value = 0;
    std::memcpy(&value, array.GetValue(row), sizeof value);
    hasher.AddInt128(value);
  });
  return true;
}

bool AddDoubles(const arrow::Array& column, Hashers* hashers) {
  const auto& array = static_cast<const arrow::DoubleArray&>(column);
  ForEachRow(array, hashers, [&](RowHasher& hasher, int64_t row) { hasher.AddDouble(array.Value(row)); });
  return true;
}

template <typename Strings>
void AddDictionaryOf(const arrow::DictionaryArray& array, Hashers* hashers) {
  const auto& values = static_cast<const Strings&>(*array.dictionary());
  ForEachRow(array, hashers, [&](RowHasher& hasher, int64_t row) {
    hasher.AddBytes(values.GetView(array.GetValueIndex(row)));
  });
}

bool AddDictionary(const arrow::Array& column, Hashers* hashers) {
  const auto& array = static_cast<const arrow::DictionaryArray&>(column);
  switch (array.dictionary()->type_id()) {
    case arrow::Type::STRING:
      AddDictionaryOf<arrow::StringArray>(array, hashers);
      return true;
    case arrow::Type::BINARY:
      AddDictionaryOf<arrow::BinaryArray>(array, hashers);
      return true;
    default:
      return false;
  }
}

// Members of an absent struct count as absent, whatever their buffers hold.
bool AddStruct(const arrow::Array& column, const arrow::DataType& type, Hashers* hashers) {
  const auto& array = static_cast<const arrow::StructArray&>(column);
  ForEachRow(array, hashers, [](RowHasher& hasher, int64_t /*row*/) { hasher.AddInt64(1); });
  for (const auto& member : type.fields()) {
    const int index = array.struct_type()->GetFieldIndex(member->name());
    if (index < 0) return false;
    const auto values = array.GetFlattenedField(index);
    if (!values.ok() || !AddToHashes(**values, *member->type(), hashers)) return false;
  }
  return true;
}

bool AddList(const arrow::Array& column, const arrow::DataType& type, Hashers* hashers) {
  const auto& array = static_cast<const arrow::ListArray&>(column);
  const int64_t first = array.length() == 0 ? 0 : array.value_offset(0);
  const int64_t end = array.length() == 0 ? 0 : array.value_offset(array.length());
  Hashers elements(static_cast<size_t>(end - first));
  if (!AddToHashes(*array.values()->Slice(first, end - first), *type.field(0)->type(), &elements))
    return false;
  ForEachRow(array, hashers, [&](RowHasher& hasher, int64_t row) {
    hasher.AddInt64(array.value_length(row));
    for (int64_t i = array.value_offset(row); i < array.value_offset(row + 1); ++i)
      hasher.AddInt64(static_cast<int64_t>(elements[static_cast<size_t>(i - first)].Finish()));
  });
  return true;
}

}  // namespace

bool AddToHashes(const arrow::Array& column, const arrow::DataType& type, Hashers* hashers) {
  if (type.num_fields() != 0 && type.id() != column.type_id()) return false;
  switch (column.type_id()) {
    case arrow::Type::STRING:
      return AddStrings<arrow::StringArray>(column, hashers);
    case arrow::Type::LARGE_STRING:
      return AddStrings<arrow::LargeStringArray>(column, hashers);
    case arrow::Type::BINARY:
      return AddStrings<arrow::BinaryArray>(column, hashers);
    case arrow::Type::DICTIONARY:
      return AddDictionary(column, hashers);
    case arrow::Type::INT32:
      return AddIntegers<arrow::Int32Array>(column, hashers);
    case arrow::Type::INT64:
      return AddIntegers<arrow::Int64Array>(column, hashers);
    case arrow::Type::DATE32:
      return AddIntegers<arrow::Date32Array>(column, hashers);
    case arrow::Type::TIME64:
      return AddIntegers<arrow::Time64Array>(column, hashers);
    case arrow::Type::TIMESTAMP:
      return AddIntegers<arrow::TimestampArray>(column, hashers);
    case arrow::Type::BOOL:
      return AddIntegers<arrow::BooleanArray>(column, hashers);
    case arrow::Type::DOUBLE:
      return AddDoubles(column, hashers);
    case arrow::Type::DECIMAL128:
      return AddDecimals(column, hashers);
    case arrow::Type::STRUCT:
      return AddStruct(column, type, hashers);
    case arrow::Type::LIST:
    case arrow::Type::MAP:
      return AddList(column, type, hashers);
    default:
      return false;
  }
}

}  // namespace forebay
