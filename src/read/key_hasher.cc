#include "read/key_hasher.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include "base/assert.h"
#include "partition/directory.h"
#include "read/array_hash.h"

namespace forebay {

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
      const arrow::Array& values = *batch.column(column);
      if (!AddToHashes(values, *values.type(), &hashers_)) {
        return CorruptionError("column " + batch.column_name(column) + " has type " +
                               values.type()->ToString());
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
