// A table's primary key and partition dimensions, assembled from its properties.
#pragma once

#include <vector>

#include "contract/contract.h"
#include "contract/field_reader.h"
#include "contract/map_reader.h"

namespace forebay {

// Both functions report diagnostics at the lines of the properties, and skip invalid properties.
// REQUIRES: table.name and table.fields are set; table.fields contains every property that is not derived.
void ReadPrimaryKey(const MapReader& map, const std::vector<Property>& properties, Table& table);
void ReadDimensions(const MapReader& map, const std::vector<Property>& properties, Table& table);

// Adds "field '<table>.<property>': <wrong>; <expected>" at `line`.
void RefuseProperty(const MapReader& map, const Table& table, const Property& property, int line,
                    const std::string& wrong, const std::string& expected);

}  // namespace forebay
