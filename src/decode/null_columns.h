// Columns without values: those that a table's files have from earlier contracts. Pure functions,
// thread-safe.
#pragma once

#include <memory>
#include <vector>

namespace arrow {
class Array;
class DataType;
class Schema;
}  // namespace arrow

namespace forebay {

// The columns of `schema`, of which `columns` are those in `own`; null where `own` has no such column, or a
// column lacks a member of an object. What both have is of the same type, but strings may be dictionaries.
std::vector<std::shared_ptr<arrow::Array>> AddNullColumns(std::vector<std::shared_ptr<arrow::Array>> columns,
                                                          const arrow::Schema& own,
                                                          const arrow::Schema& schema, int64_t rows);

// Whether `schema` has the columns of `own`, each with all members of its objects, and for the rest of the
// same type.
bool HasColumns(const arrow::Schema& schema, const arrow::Schema& own);

}  // namespace forebay
