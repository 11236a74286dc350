// Objects whose members' names are data: {"4711": {...}, "4712": {...}}.
#pragma once

#include "infer/evidence.h"

namespace forebay::infer {

enum class ObjectShape {
  kStruct,  // the names are fields
  kMap,     // the names are data, and the values are alike
  kLoose,   // too many different names for fields, and values that are not alike
};

ObjectShape ShapeOf(const Evidence& object);

}  // namespace forebay::infer
