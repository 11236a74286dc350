#include "read/key_hasher.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include <algorithm>

#include "base/assert.h"
#include "contract/field_place.h"
#include "partition/directory.h"
#include "partition/hive_value.h"
#include "read/array_hash.h"

namespace forebay {

Result<KeyHasher> KeyHasher::Make(const Table& table, const std::string& partition_dir) {
  FOREBAY_ASSERT(!table.primary_key.empty());
  const std::optional<std::vector<PartitionLevel>> levels = ParsePartitionDirectory(partition_dir);
  KeyHasher hasher;
  for (const FieldPlace& place : table.primary_key) {
    Part part;
    part.in_path = table.InPathOnly(place);
    const Field& field = FieldAt(table, place);
    if (part.in_path) {
      const std::string* const text = levels ? FindLevel(*levels, field.column) : nullptr;
      if (text != nullptr && *text != kHiveNull) part.path_value = ParsePartitionValue(field, *text);
      if (text == nullptr || (!part.path_value && *text != kHiveNull))
        return CorruptionError("no value for " + field.column + " in the name of its directory");
      part.path_text = *text == kHiveNull ? "null" : *text;
    } else {
      hasher.AddColumns(table, place, &part);
    }
    hasher.parts_.push_back(std::move(part));
  }
  return hasher;
}

void KeyHasher::AddColumns(const Table& table, const FieldPlace& place, Part* part) {
  const std::string& column = table.fields[place.front()].column;
  const auto known = std::find(columns_.begin(), columns_.end(), column);
  part->column = static_cast<int>(known - columns_.begin());
  if (known == columns_.end()) columns_.push_back(column);
  for (size_t depth = 2; depth <= place.size(); ++depth)
    part->members.push_back(FieldAt(table, FieldPlace(place.begin(), place.begin() + depth)).column);
}

std::shared_ptr<arrow::Array> KeyHasher::ValuesOf(const Part& part, const arrow::RecordBatch& batch,
                                                  int first) {
  std::shared_ptr<arrow::Array> values = batch.column(first + part.column);
  for (const std::string& member : part.members) {
    if (values->type_id() != arrow::Type::STRUCT) return nullptr;
    const auto& object = static_cast<const arrow::StructArray&>(*values);
    const int index = object.struct_type()->GetFieldIndex(member);
    // With the nulls of the object.
    auto flattened =
        index < 0 ? arrow::Result<std::shared_ptr<arrow::Array>>(nullptr) : object.GetFlattenedField(index);
    if (!flattened.ok() || *flattened == nullptr) return nullptr;
    values = *flattened;
  }
  return values;
}

Status KeyHasher::Hash(const arrow::RecordBatch& batch, int first, std::vector<uint64_t>* hashes) {
  const auto rows = static_cast<size_t>(batch.num_rows());
  hashers_.assign(rows, RowHasher());
  for (const Part& part : parts_) {
    if (!part.in_path) {
      const std::shared_ptr<arrow::Array> values = ValuesOf(part, batch, first);
      if (values == nullptr || !AddToHashes(*values, *values->type(), &hashers_)) {
        return CorruptionError("column " + batch.column_name(first + part.column) + " has type " +
                               batch.column(first + part.column)->type()->ToString());
      }
    } else if (!part.path_value) {
      for (RowHasher& hasher : hashers_) hasher.AddNull();
    } else if (const auto* const text = std::get_if<std::string>(&*part.path_value)) {
      for (RowHasher& hasher : hashers_) hasher.AddBytes(*text);
    } else {
      for (RowHasher& hasher : hashers_) hasher.AddInt64(std::get<int64_t>(*part.path_value));
    }
  }
  hashes->resize(rows);
  for (size_t row = 0; row < rows; ++row) (*hashes)[row] = hashers_[row].Finish();
  return Ok();
}

std::string KeyHasher::Text(const arrow::RecordBatch& batch, int first, int64_t row) const {
  std::string text;
  for (const Part& part : parts_) {
    if (!text.empty()) text += ", ";
    if (part.in_path) {
      text += part.path_text;
      continue;
    }
    const auto values = ValuesOf(part, batch, first);
    if (values == nullptr) continue;  // Hash has reported it
    const auto scalar = values->GetScalar(row);
    text += !scalar.ok() || !(*scalar)->is_valid ? "null" : (*scalar)->ToString();
  }
  return text;
}

}  // namespace forebay
