// The columns that a table's files have from earlier contracts. They stay in new files, so that readers find
// the same columns in all files. Pure functions, thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "contract/contract.h"

namespace forebay {

// nullptr: no field has this column.
const Field* FindColumn(const std::vector<Field>& fields, std::string_view column);

// Adds the columns of `earlier` that `fields` lack, also within objects, arrays and maps, as optional ones.
// Each comes behind the one that it followed: some readers do not tell the members of an object by name.
void KeepColumns(const std::vector<Field>& earlier, std::vector<Field>* fields);

// The table with the columns that it had in earlier forms, for TableSchema: records have no members for them.
// `earlier` begins with the newest form.
Table WithKeptColumns(const Table& table, const std::vector<Table>& earlier);

}  // namespace forebay
