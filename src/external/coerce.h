// Converts Arrow data from other programs to the types of our files and our decoder.
//
// Differences that do not change a value are accepted: dictionaries, large and view layouts of strings, any
// time zone of an instant, members of an object in another order, and a nullable type as long as there are no
// nulls. Everything else is kInvalidArgument with the column's name. Pure functions, thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace arrow {
class Array;
class Field;
class RecordBatch;
class Schema;
}  // namespace arrow

namespace forebay {

// The maximum size of a batch, so that no column's 32-bit offsets overflow on the way to a file.
inline constexpr int64_t kMaxBatchBytes = int64_t{1} << 30;
Status CheckBatchSize(const arrow::RecordBatch& batch);

// Returns `array` with exactly wanted.type(), and without nulls if `wanted` is not nullable.
Result<std::shared_ptr<arrow::Array>> Coerce(const std::shared_ptr<arrow::Array>& array,
                                             const arrow::Field& wanted);
// Returns the columns of `schema`, by name; ignores others. `source` names the batch in messages: "the rows".
Result<std::vector<std::shared_ptr<arrow::Array>>> CoerceColumns(const arrow::RecordBatch& batch,
                                                                 const arrow::Schema& schema,
                                                                 const std::string& source);

}  // namespace forebay
