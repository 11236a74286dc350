#include "external/file_schema.h"

#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>

#include "decode/column_type.h"
#include "decode/schema.h"
#include "external/batch_decoder.h"
#include "ledger/added_columns.h"

namespace forebay {

Result<std::shared_ptr<arrow::Schema>> FileSchema(const Table& table, const arrow::Schema& found) {
  arrow::FieldVector fields = TableSchema(table)->fields();
  const arrow::FieldVector own = fields;
  for (const auto& field : found.fields()) {
    const std::string& name = field->name();
    const auto is_it = [&](const auto& one) { return one->name() == name; };
    if (name == kDirectoryColumn || std::any_of(own.begin(), own.end(), is_it)) continue;
    const auto same = std::find_if(own.begin(), own.end(),
                                   [&](const auto& one) { return IsSameColumn(one->name(), name); });
    if (same != own.end()) {
      return InvalidArgumentError(fmt::format("table '{}' has the column {}: a transform may not add {}",
                                              table.name, (*same)->name(), name));
    }
    const auto& dimensions = table.dimensions;
    if (std::any_of(dimensions.begin(), dimensions.end(),
                    [&](const auto& dimension) { return IsSameColumn(dimension.name, name); })) {
      return InvalidArgumentError(
          fmt::format("column {} is a partition dimension of table '{}', which lives in the path "
                      "alone: a transform may not add it",
                      name, table.name));
    }
    fields.push_back(field->WithMetadata(nullptr));
  }
  return arrow::schema(std::move(fields));
}

std::vector<AddedColumn> AddedColumns(const Table& table, const arrow::Schema& file) {
  const auto own = TableSchema(table);
  std::vector<AddedColumn> added;
  for (const auto& field : file.fields()) {
    if (own->GetFieldIndex(field->name()) < 0)
      added.push_back({table.name, field->name(), ColumnType(*field->type())});
  }
  return added;
}

}  // namespace forebay
