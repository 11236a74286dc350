// The evidence for a field in words, as the contract's comments have it.
#pragma once

#include <cstdint>
#include <string>

#include "contract/contract.h"
#include "infer/evidence.h"

namespace forebay::infer {

// "in 9,812 of 10,000, null in 3; 2 values: cart 7,000, view 2,809". `parents`: the number of objects that
// could have had the member. Without `values`, no value of a record is in it.
std::string CommentOn(const Evidence& place, uint64_t parents, const Field& field, bool values);
// The types that were seen, most frequent first: "9,990 numbers, 10 texts (numbers in text)".
std::string TypesText(const Evidence& place);

}  // namespace forebay::infer
