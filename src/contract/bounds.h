// The bounds of a field: minimum, maximum and their exclusive forms.
#pragma once

#include <optional>
#include <string_view>

#include "contract/contract.h"
#include "contract/map_reader.h"

namespace forebay {

// Whether fields of this type can have bounds: integers, numbers, decimals, dates, times and timestamps.
bool HasBounds(FieldType type);

// Whether they are numbers: integers, numbers and decimals.
bool IsNumeric(FieldType type);

// Reads a number, exactly, in the field's own units. Nothing, with a diagnostic, if the field cannot hold it.
// REQUIRES: IsNumeric(field.type).
std::optional<Bound> ReadNumber(const MapReader& map, std::string_view key, const Field& field);

// Reads the bounds in a field's logicalTypeOptions exactly, in the field's own units: dates and times in the
// field's format, or in spellings of ISO 8601. Bounds that admit no value are a diagnostic. REQUIRES:
// HasBounds(field.type), and the field's type, format and default zone are complete.
void ReadBounds(const MapReader& options, Field& field);

}  // namespace forebay
