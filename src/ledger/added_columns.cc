#include "ledger/added_columns.h"

#include <algorithm>
#include <tuple>

#include "ledger/columns.h"
#include "ledger/tables.h"

namespace forebay {
namespace {

constexpr std::tuple kAddedColumns(FOREBAY_COLUMN("table_name", table), FOREBAY_COLUMN("column_name", name),
                                   FOREBAY_COLUMN("type", type));
constexpr std::tuple kAddedColumnsOfBatch(FOREBAY_COLUMN("table_name", value.table),
                                          FOREBAY_COLUMN("column_name", value.name),
                                          FOREBAY_COLUMN("type", value.type), FOREBAY_COLUMN("batch", batch));

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

const AddedColumn* Find(const std::vector<AddedColumn>& columns, const AddedColumn& wanted) {
  const auto it = std::find_if(columns.begin(), columns.end(), [&](const AddedColumn& one) {
    return one.table == wanted.table && IsSameColumn(one.name, wanted.name);
  });
  return it == columns.end() ? nullptr : &*it;
}

}  // namespace

bool IsSameColumn(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

Status CheckAddedColumns(const std::vector<AddedColumn>& known, const std::vector<AddedColumn>& found) {
  for (const AddedColumn& column : found) {
    const AddedColumn* const before = Find(known, column);
    if (before == nullptr || *before == column) continue;
    if (before->name != column.name) {
      return FailedPreconditionError("table '" + column.table + "': the transform adds a column " +
                                     column.name + ", and the table's files have one that is written " +
                                     before->name + "; keep that name, or take another one");
    }
    return FailedPreconditionError("table '" + column.table + "': the transform adds column " + column.name +
                                   " with type " + column.type +
                                   ", and the table's files have it with type " + before->type +
                                   "; cast it to that type, or give it another name");
  }
  return Ok();
}

Result<std::vector<AddedColumn>> LoadAddedColumns(Sqlite& db) {
  return LoadRows<AddedColumn>(db, kAddedColumns, "FROM added_columns ORDER BY table_name, column_name");
}

Status AddColumns(Sqlite& db, BatchId batch, const std::vector<AddedColumn>& columns) {
  if (columns.empty()) return Ok();
  FOREBAY_ASSIGN(std::vector<AddedColumn> known, LoadAddedColumns(db));
  std::vector<OfBatch<AddedColumn>> fresh;
  for (const AddedColumn& column : columns) {
    FOREBAY_TRY(CheckAddedColumns(known, {column}));
    if (Find(known, column) != nullptr) continue;
    known.push_back(column);
    fresh.push_back({batch, column});
  }
  return InsertRows(db, "added_columns", kAddedColumnsOfBatch, fresh);
}

}  // namespace forebay
