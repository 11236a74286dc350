#include "read/key_hasher.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include <cstring>

#include "base/assert.h"
#include "partition/directory.h"

namespace forebay {
namespace {

using Hashers = std::vector<RowHasher>;

template <typename Array, typename Add>
void ForEachRow(const Array& array, Hashers* hashers, Add&& add) {
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
void AddStrings(const arrow::Array& column, Hashers* hashers) {
  const auto& array = static_cast<const Array&>(column);
  ForEachRow(array, hashers, [&](RowHasher& hasher, int64_t row) { hasher.AddBytes(array.GetView(row)); });
}

template <typename Array>
void AddIntegers(const arrow::Array& column, Hashers* hashers) {
  const auto& array = static_cast<const Array&>(column);
  ForEachRow(array, hashers, [&](RowHasher& hasher, int64_t row) {
    hasher.AddInt64(static_cast<int64_t>(array.Value(row)));
  });
}

void AddDecimals(const arrow::Array& column, Hashers* hashers) {
  const auto& array = static_cast<const arrow::Decimal128Array&>(column);
  ForEachRow(array, hashers, [&](RowHasher& hasher, int64_t row) {
    __int128 value = 0;
    std::memcpy(&value, array.GetValue(row), sizeof value);
    hasher.AddInt128(value);
  });
}

void AddDoubles(const arrow::Array& column, Hashers* hashers) {
  const auto& array = static_cast<const arrow::DoubleArray&>(column);
  ForEachRow(array, hashers, [&](RowHasher& hasher, int64_t row) { hasher.AddDouble(array.Value(row)); });
}

bool AddDictionary(const arrow::Array& column, Hashers* hashers) {
  const auto& array = static_cast<const arrow::DictionaryArray&>(column);
  if (array.dictionary()->type_id() != arrow::Type::STRING) return false;
  const auto& values = static_cast<const arrow::StringArray&>(*array.dictionary());
  ForEachRow(array, hashers, [&](RowHasher& hasher, int64_t row) {
    hasher.AddBytes(values.GetView(array.GetValueIndex(row)));
  });
  return true;
}

// Returns false for a type that no primary key has.
bool AddColumn(const arrow::Array& column, Hashers* hashers) {
  switch (column.type_id()) {
    case arrow::Type::STRING:
      AddStrings<arrow::StringArray>(column, hashers);
      return true;
    case arrow::Type::LARGE_STRING:
      AddStrings<arrow::LargeStringArray>(column, hashers);
      return true;
    case arrow::Type::DICTIONARY:
      return AddDictionary(column, hashers);
    case arrow::Type::INT32:
      AddIntegers<arrow::Int32Array>(column, hashers);
      return true;
    case arrow::Type::INT64:
      AddIntegers<arrow::Int64Array>(column, hashers);
      return true;
    case arrow::Type::DATE32:
      AddIntegers<arrow::Date32Array>(column, hashers);
      return true;
    case arrow::Type::TIMESTAMP:
      AddIntegers<arrow::TimestampArray>(column, hashers);
      return true;
    case arrow::Type::BOOL:
      AddIntegers<arrow::BooleanArray>(column, hashers);
      return true;
    case arrow::Type::DOUBLE:
      AddDoubles(column, hashers);
      return true;
    case arrow::Type::DECIMAL128:
      AddDecimals(column, hashers);
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<KeyHasher> KeyHasher::Make(const Table& table, const std::string& partition_dir) {
  FOREBAY_ASSERT(!table.primary_key.empty());
  const std::optional<std::vector<PartitionLevel>> levels = ParsePartitionDirectory(partition_dir);
  KeyHasher hasher;
  for (const size_t index : table.primary_key) {
    const Field& field = table.fields[index];
    Part part;
    if (table.InPathOnly(index)) {
      const std::string* const text = levels ? FindLevel(*levels, field.name) : nullptr;
      const auto value = text == nullptr ? std::nullopt : ParsePartitionValue(field, *text);
      if (!value) return CorruptionError("no value for " + field.name + " in the name of its directory");
      part.in_path = value;
      part.path_text = *text;
    } else {
      hasher.columns_.push_back(field.name);
    }
    hasher.parts_.push_back(std::move(part));
  }
  return hasher;
}

Status KeyHasher::Hash(const arrow::RecordBatch& batch, int first, std::vector<uint64_t>* hashes) {
  const auto rows = static_cast<size_t>(batch.num_rows());
  hashers_.assign(rows, RowHasher());
  int column = first;
  for (const Part& part : parts_) {
    if (!part.in_path) {
      if (!AddColumn(*batch.column(column), &hashers_)) {
        return CorruptionError("column " + batch.column_name(column) + " has type " +
                               batch.column(column)->type()->ToString() + ", which no primary key has");
      }
      ++column;
    } else if (const auto* const text = std::get_if<std::string>(&*part.in_path)) {
      for (RowHasher& hasher : hashers_) hasher.AddBytes(*text);
    } else {
      for (RowHasher& hasher : hashers_) hasher.AddInt64(std::get<int64_t>(*part.in_path));
    }
  }
  hashes->resize(rows);
  for (size_t row = 0; row < rows; ++row) (*hashes)[row] = hashers_[row].Finish();
  return Ok();
}

std::string KeyHasher::Text(const arrow::RecordBatch& batch, int first, int64_t row) const {
  std::string text;
  int column = first;
  for (const Part& part : parts_) {
    if (!text.empty()) text += ", ";
    if (part.in_path) {
      text += part.path_text;
      continue;
    }
    const auto scalar = batch.column(column++)->GetScalar(row);
    text += !scalar.ok() || !(*scalar)->is_valid ? "null" : (*scalar)->ToString();
  }
  return text;
}

}  // namespace forebay
