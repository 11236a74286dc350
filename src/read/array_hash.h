// Hashes of rows over the values of Arrow arrays.
#pragma once

#include <vector>

#include "base/row_hash.h"

namespace arrow {
class Array;
}

namespace forebay {

// Adds each value of `column` to the hasher of its row. Equal values add the same, whether the array is a
// dictionary or not. A list adds its length and a hash of each element, a struct its members; a null differs
// from every value. False, for an array of a type that no column of a table or of quarantine has. REQUIRES: a
// hasher for each row.
[[nodiscard]] bool AddToHashes(const arrow::Array& column, std::vector<RowHasher>* hashers);

}  // namespace forebay
