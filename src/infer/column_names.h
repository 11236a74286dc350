// The names of the columns, where they cannot be those of the members.
#pragma once

#include <string>
#include <vector>

#include "infer/proposal.h"

namespace forebay::infer {

// Sets the column of each field: its name, or another one where readers reserve the name, or another column
// has it but for upper and lower case.
void NameColumns(const std::string& table, std::vector<ProposedField>& fields);

}  // namespace forebay::infer
