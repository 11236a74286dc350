// The bounds of a field: minimum, maximum and their exclusive forms.
#pragma once

#include "contract/contract.h"
#include "contract/map_reader.h"

namespace forebay {

// Whether fields of this type can have bounds: integers, numbers, decimals, dates and timestamps.
bool HasBounds(FieldType type);

// Reads the bounds in a field's logicalTypeOptions exactly, in the field's own units. Bounds that admit no
// value are a diagnostic. REQUIRES: HasBounds(field.type), and the field's type is complete.
void ReadBounds(const MapReader& options, Field& field);

}  // namespace forebay
