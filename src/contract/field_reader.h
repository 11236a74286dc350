// From one entry of `properties` to a field of the record, or to a derived partition dimension.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "contract/diagnostics.h"
#include "contract/yaml_node.h"

namespace forebay {

// A dimension that is no field of the record: transformLogic "date(event_time)".
struct Derivation {
  PartitionTransform transform = PartitionTransform::kDate;
  std::string source;  // the field's name
  int line = 0;        // of transformLogic
};

// One entry of a table's `properties`.
struct Property {
  Field field;         // of a derived dimension only name and line count
  bool sound = false;  // no diagnostic in it: its name and type can be relied on
  bool derived = false;
  std::optional<Derivation> derivation;  // set where it is derived and sound
  bool in_primary_key = false;
  std::optional<int64_t> primary_key_position;
  bool partitioned = false;
  bool partitioned_misspelled = false;
  std::optional<int64_t> partition_position;
  int primary_key_line = 0;
  int partition_line = 0;
};

// Reads one entry and everything below it. `table` names its table in messages.
Property ReadProperty(const YamlNode& node, const std::string& table, Diagnostics& diagnostics);

// Null where there is none.
const Property* FindProperty(const std::vector<Property>& properties, std::string_view name);

}  // namespace forebay
