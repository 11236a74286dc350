#include "external/file_schema.h"

#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>

#include "decode/column_type.h"
#include "decode/schema.h"
#include "external/batch_decoder.h"
#include "ledger/added_columns.h"

namespace forebay {
namespace {

using FieldPtr = std::shared_ptr<arrow::Field>;

// With this name, or else with one that differs in case alone.
FieldPtr FindSame(const arrow::Schema& columns, const std::string& name) {
  if (const FieldPtr exact = columns.GetFieldByName(name)) return exact;
  const arrow::FieldVector& fields = columns.fields();
  const auto same = std::find_if(fields.begin(), fields.end(),
                                 [&](const FieldPtr& one) { return IsSameColumn(one->name(), name); });
  return same == fields.end() ? nullptr : *same;
}

// A column of a transform that has the name of a known one. REQUIRES: the contract does not have it.
Status CheckSame(const Table& table, const arrow::Field& found, const arrow::Field& known) {
  if (found.name() != known.name()) {
    return InvalidArgumentError(fmt::format("table '{}' has the column {}: a transform may not add {}",
                                            table.name, known.name(), found.name()));
  }
  const std::string is = ColumnType(*found.type());
  const std::string was = ColumnType(*known.type());
  if (is == was) return Ok();
  return InvalidArgumentError(fmt::format(
      "table '{}': the transform adds column {} with type {}, and files of an earlier contract have "
      "it with type {}; cast it to that type, or give it another name",
      table.name, found.name(), is, was));
}

Status CheckNoDimension(const Table& table, const std::string& name) {
  const auto& dimensions = table.dimensions;
  if (std::none_of(dimensions.begin(), dimensions.end(),
                   [&](const auto& dimension) { return IsSameColumn(dimension.name, name); }))
    return Ok();
  return InvalidArgumentError(
      fmt::format("column {} is a partition dimension of table '{}', which lives in the path "
                  "alone: a transform may not add it",
                  name, table.name));
}

}  // namespace

Result<FileColumns> ColumnsOfFile(const Table& table, const arrow::Schema& known,
                                  const arrow::Schema& found) {
  const std::shared_ptr<arrow::Schema> own = TableSchema(table);
  arrow::FieldVector given = own->fields();
  arrow::FieldVector file = known.fields();
  for (const FieldPtr& field : found.fields()) {
    const std::string& name = field->name();
    if (name == kDirectoryColumn || own->GetFieldIndex(name) >= 0) continue;
    if (const FieldPtr same = FindSame(known, name)) {
      FOREBAY_TRY(CheckSame(table, *field, *same));
      given.push_back(same);
    } else {
      FOREBAY_TRY(CheckNoDimension(table, name));
      given.push_back(field->WithMetadata(nullptr));
      file.push_back(given.back());
    }
  }
  return FileColumns{arrow::schema(std::move(given)), arrow::schema(std::move(file))};
}

std::vector<AddedColumn> AddedColumns(const Table& table, const arrow::Schema& known,
                                      const arrow::Schema& file) {
  std::vector<AddedColumn> added;
  for (const FieldPtr& field : file.fields()) {
    if (known.GetFieldIndex(field->name()) < 0)
      added.push_back({table.name, field->name(), ColumnType(*field->type())});
  }
  return added;
}

}  // namespace forebay
