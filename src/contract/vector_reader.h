// ODCS's logicalType vector: an array with a fixed number of numbers.
#pragma once

#include "contract/contract.h"
#include "contract/map_reader.h"

namespace forebay {

bool IsVector(const MapReader& property);

// Reads the logicalTypeOptions of a vector into the element, and the length, of an array.
void ReadVector(const MapReader& property, Field& field);

}  // namespace forebay
