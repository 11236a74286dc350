// The columns that transforms have added to the files of a table, beside those of the contract. Readers take
// all files of a table as one, so that a column keeps its type for ever.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "ledger/records.h"
#include "ledger/sqlite.h"

namespace forebay {

// kFailedPrecondition: a column of `found` has another type in `known`, or another name there with regard to
// case alone, which many readers do not tell apart. Pure.
Status CheckAddedColumns(const std::vector<AddedColumn>& known, const std::vector<AddedColumn>& found);

// Whether the names are equal but for the case of ASCII letters. Pure.
bool IsSameColumn(const std::string& a, const std::string& b);

// The functions below run inside the caller's transaction.
Result<std::vector<AddedColumn>> LoadAddedColumns(Sqlite& db);
// Checks the columns of a batch, and inserts those that are new.
Status AddColumns(Sqlite& db, BatchId batch, const std::vector<AddedColumn>& columns);

}  // namespace forebay
