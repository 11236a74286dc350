// The texts that name a field in a contract.
#pragma once

#include <string>

#include "contract/contract.h"

namespace forebay::infer {

// A name, a dotted path, or a JSON Pointer: FindPlace takes it for this place. "" if other names are in the
// way. REQUIRES: not the empty place.
std::string ReferenceTo(const Table& table, const FieldPlace& place);
// A reference as the argument of a transform, quoted if need be.
std::string TransformArgument(const std::string& reference);

}  // namespace forebay::infer
