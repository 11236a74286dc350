// From logicalType, physicalType and format to a field's type.
#pragma once

#include <string_view>

#include "contract/contract.h"
#include "contract/map_reader.h"

namespace forebay {

// "an integer", "a decimal": for messages.
std::string_view FieldTypeName(FieldType type);
// All but objects and arrays.
bool IsScalar(FieldType type);

// Reads logicalType and physicalType of a property into type, precision, scale and bits. False (with
// diagnostics) where the type is not one the core has.
bool ReadFieldType(const MapReader& property, Field& field);

// Reads `format` of logicalTypeOptions into bits and timestamp_format, and refuses formats that the core does
// not read. Where a physicalType has said the bits already, the two have to agree.
void ReadFormat(const MapReader& options, bool has_physical_type, Field& field);

}  // namespace forebay
