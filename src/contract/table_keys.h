// A table's primary key and partition dimensions, assembled from its properties.
#pragma once

#include <vector>

#include "contract/contract.h"
#include "contract/field_reader.h"
#include "contract/map_reader.h"

namespace forebay {

// Both functions report diagnostics at the lines of the properties, and skip invalid properties.
// REQUIRES: table.name and table.fields are set, with their columns; table.fields contains every property
// that is not derived.
void ReadPrimaryKey(const MapReader& map, const std::vector<Property>& properties, Table& table);
// Sets the column of a field that is a dimension itself to the dimension's name.
void ReadDimensions(const MapReader& map, const std::vector<Property>& properties, Table& table);

}  // namespace forebay
