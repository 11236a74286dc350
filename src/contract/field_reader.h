// Reads one entry of `properties`: a field of the record, or a derived partition dimension.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "contract/diagnostics.h"
#include "contract/transform.h"
#include "contract/yaml_node.h"

namespace forebay {

// What a property is beside a field.
struct FieldRoles {
  bool in_primary_key = false;
  std::optional<int64_t> primary_key_position;
  int primary_key_line = 0;
  bool partitioned = false;
  bool partitioned_misspelled = false;
  std::optional<int64_t> partition_position;
  int partition_line = 0;
};

// The roles of a field, or of a member of an object in it.
struct PlacedRoles {
  FieldPlace members;  // below the property's own field; empty: the field itself
  FieldRoles roles;
};

// One entry of a table's `properties`.
struct Property {
  Field field;         // for a derived dimension, only name and line are meaningful
  bool valid = false;  // it has no diagnostic: its name and type are valid
  bool derived = false;
  std::optional<Derivation> derivation;  // set if derived and valid
  std::vector<PlacedRoles> roles;        // at least one: of the field itself, first
};

// Reads one entry with its nested fields. `table` is the name of its table, for messages. Leaves the names of
// columns empty.
Property ReadProperty(const YamlNode& node, const std::string& table, Diagnostics& diagnostics);

// Reports aliases that are also the name, or an alias, of another of these members of one object.
void CheckAliases(const std::vector<Field>& fields, const std::string& path, Diagnostics& diagnostics);

// Null if there is none.
const Property* FindProperty(const std::vector<Property>& properties, std::string_view name);

}  // namespace forebay
