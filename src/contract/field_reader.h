// Reads one entry of `properties`: a field of the record, or a derived partition dimension.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "contract/diagnostics.h"
#include "contract/yaml_node.h"

namespace forebay {

// A dimension that is not a field of the record: transformLogic "date(event_time, 'Europe/Berlin')".
struct Derivation {
  PartitionTransform transform = PartitionTransform::kDate;
  std::string source;     // the field's name
  std::string time_zone;  // empty: UTC
  int line = 0;           // of transformLogic
};

// One entry of a table's `properties`.
struct Property {
  Field field;         // for a derived dimension, only name and line are meaningful
  bool valid = false;  // it has no diagnostic: its name and type are valid
  bool derived = false;
  std::optional<Derivation> derivation;  // set if derived and valid
  bool in_primary_key = false;
  std::optional<int64_t> primary_key_position;
  bool partitioned = false;
  bool partitioned_misspelled = false;
  std::optional<int64_t> partition_position;
  int primary_key_line = 0;
  int partition_line = 0;
};

// Reads one entry with its nested fields. `table` is the name of its table, for messages.
Property ReadProperty(const YamlNode& node, const std::string& table, Diagnostics& diagnostics);

// Null if there is none.
const Property* FindProperty(const std::vector<Property>& properties, std::string_view name);

}  // namespace forebay
