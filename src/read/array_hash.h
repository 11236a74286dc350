// Hashes of rows over the values of Arrow arrays.
#pragma once

#include <vector>

#include "base/row_hash.h"

namespace arrow {
class Array;
class DataType;
}  // namespace arrow

namespace forebay {

// Adds each value of `column` to the hasher of its row. Equal values add the same, whether the array is a
// dictionary or not, and whether integers have 32 bits or 64. A list adds its length and a hash of each
// element, a struct those of its members that `type` has, by name; a null differs from every value. False,
// for an array of a type that no column of a table or of quarantine has, or without one of those members.
// REQUIRES: a hasher for each row.
[[nodiscard]] bool AddToHashes(const arrow::Array& column, const arrow::DataType& type,
                               std::vector<RowHasher>* hashers);

}  // namespace forebay
