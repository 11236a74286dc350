// The rules of one field: enum, and what logicalTypeOptions say.
#pragma once

#include "contract/contract.h"
#include "contract/map_reader.h"

namespace forebay {

// Reads `enum` and `logicalTypeOptions` of a property whose type is known into the field. `what` names the
// field in messages.
void ReadFieldRules(const MapReader& property, Field& field);

}  // namespace forebay
