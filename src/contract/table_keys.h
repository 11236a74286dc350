// A table's primary key and partition dimensions, out of what its properties say of themselves.
#pragma once

#include <vector>

#include "contract/contract.h"
#include "contract/field_reader.h"
#include "contract/map_reader.h"

namespace forebay {

// Both report diagnostics at the properties' own lines, and leave alone those that are not sound.
// REQUIRES: table.name and table.fields are set, and hold every property that is not derived.
void ReadPrimaryKey(const MapReader& map, const std::vector<Property>& properties, Table& table);
void ReadDimensions(const MapReader& map, const std::vector<Property>& properties, Table& table);

// "field '<table>.<property>': <wrong>; <expected>".
void RefuseProperty(const MapReader& map, const Table& table, const Property& property, int line,
                    const std::string& wrong, const std::string& expected);

}  // namespace forebay
