// Which fields of a table have no value in a set of rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "decode/schema_tree.h"

namespace forebay {

// The values (not null) of each field in some rows, by node index.
using FieldValues = std::vector<int64_t>;

// The paths of the fields without any value, in the contract's order: "customer.age", "items[].size". A field
// of an object that is itself always absent is not listed, nor one that is only in the directory's name.
// REQUIRES: there is at least one row.
std::vector<std::string> FieldsWithoutValues(const SchemaTree& schema, const FieldValues& values);

}  // namespace forebay
