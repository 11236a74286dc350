// The contract that is proposed, before it is written as YAML.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "contract/contract.h"

namespace forebay::infer {

struct ProposedField {
  Field field;               // without its members
  std::string comment = {};  // the evidence, one line
  std::string description = {};
  std::vector<std::string> examples = {};  // JSON scalars
  bool in_primary_key = false;
  int primary_key_position = 0;            // 0: the only one
  bool partitioned = false;                // by its own value
  int partition_position = 0;              // 0: the only one
  std::vector<ProposedField> fields = {};  // as Field::fields
};

// The field with its members.
Field WithMembers(const ProposedField& proposed);
std::vector<Field> WithMembers(const std::vector<ProposedField>& proposed);

// A setting of the table, and why it has this value.
struct ProposedSetting {
  std::string property;
  std::string value;
  bool is_number = false;
  std::string comment = {};
};

// A dimension that is no field.
struct ProposedDimension {
  std::string name;
  std::string transform_logic;  // "date(event_time)"
  bool is_date = true;          // otherwise a string
  int position = 0;             // 0: the only one
};

// The contract of one table.
struct Proposal {
  std::string table;
  std::vector<std::string> heading;  // of the file: comment lines
  std::vector<ProposedSetting> settings;
  std::vector<ProposedField> fields;
  std::vector<ProposedDimension> dimensions;
};

}  // namespace forebay::infer
