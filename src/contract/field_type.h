// Derives a field's type from logicalType, physicalType and format.
#pragma once

#include <string_view>

#include "contract/contract.h"
#include "contract/map_reader.h"
#include "contract/physical_type.h"

namespace forebay {

// "an integer", "a decimal": for messages.
std::string_view FieldTypeName(FieldType type);
// True for every type except objects and arrays.
bool IsScalar(FieldType type);

// kUnknown if the property has none.
PhysicalType PhysicalTypeOf(const MapReader& property);

// Reads logicalType and physicalType of a property into type, precision, scale, bits, and the bounds of a
// narrow integer. Returns false, with diagnostics, for a type that Forebay does not support.
bool ReadFieldType(const MapReader& property, Field& field);

// Reads `format` of logicalTypeOptions into bits, timestamp_format and time_pattern. Reports unsupported
// formats.
// `physical` is the property's: the two must agree.
void ReadFormat(const MapReader& options, const PhysicalType& physical, Field& field);

}  // namespace forebay
