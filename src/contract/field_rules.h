// The rules of one field: enum and logicalTypeOptions.
#pragma once

#include "contract/contract.h"
#include "contract/map_reader.h"

namespace forebay {

// Reads `enum` and `logicalTypeOptions` of a property into the field. REQUIRES: the type of the field is set.
void ReadFieldRules(const MapReader& property, Field& field);

}  // namespace forebay
