// Arrow data as others make it, brought to the types that our files and our decoder have.
//
// What differs without changing a value is taken: dictionaries, large and view layouts of strings, any time
// zone of an instant, members of an object in another order, and nullability as far as no null is there.
// Everything else is kInvalidArgument with the column's name. Pure functions, thread-safe.
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

// The most that one batch may hold, so that no column's 32-bit offsets overflow on the way to a file.
inline constexpr int64_t kMaxBatchBytes = int64_t{1} << 30;
Status CheckBatchSize(const arrow::RecordBatch& batch);

// `array` with exactly wanted.type(), and without nulls where it is not nullable.
Result<std::shared_ptr<arrow::Array>> Coerce(const std::shared_ptr<arrow::Array>& array,
                                             const arrow::Field& wanted);
// The columns of `schema`, by name; others are passed over. `source` stands in messages: "the rows".
Result<std::vector<std::shared_ptr<arrow::Array>>> CoerceColumns(const arrow::RecordBatch& batch,
                                                                 const arrow::Schema& schema,
                                                                 const std::string& source);

}  // namespace forebay
