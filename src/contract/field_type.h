// Derives a field's type from logicalType, physicalType and format.
#pragma once

#include <string_view>

#include "contract/contract.h"
#include "contract/map_reader.h"

namespace forebay {

// "an integer", "a decimal": for messages.
std::string_view FieldTypeName(FieldType type);
// True for every type except objects and arrays.
bool IsScalar(FieldType type);

// Reads logicalType and physicalType of a property into type, precision, scale and bits. Returns false, with
// diagnostics, for a type that Forebay does not support.
bool ReadFieldType(const MapReader& property, Field& field);

// Reads `format` of logicalTypeOptions into bits and timestamp_format. Reports unsupported formats. If a
// physicalType has already set the bits, the format must agree with it.
void ReadFormat(const MapReader& options, bool has_physical_type, Field& field);

}  // namespace forebay
