// The names of columns in files: those of the fields, where readers can use them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "contract/contract.h"
#include "contract/diagnostics.h"

namespace forebay {

// Sets the column of each field: its physicalName (which the reader of fields left there) or its name. A name
// that readers reserve, or that another column has, is moved: to the nearest one that is free, with a note.
// Notes columns that differ only in case. Reports a physicalName that two fields have.
void AssignColumns(Table& table, Diagnostics& diagnostics);

// The name of a dimension's directory level: `wanted`, or the nearest name that a directory can have and that
// no column of the table's files and no other dimension has, upper and lower case being equal. Adds a note if
// it differs. `own` is the field whose column is in the path alone, if there is one, `line` the line of the
// dimension. REQUIRES: columns are assigned; table.dimensions holds the earlier dimensions.
std::string DimensionName(const Table& table, const std::string& wanted, std::optional<size_t> own, int line,
                          Diagnostics& diagnostics);

}  // namespace forebay
