// The changes of fields from one form of a table to another. Part of evolution.
#pragma once

#include <string>
#include <vector>

#include "contract/contract.h"
#include "contract/evolution.h"

namespace forebay {

// The fields of a table, or of an object in it, on both sides.
struct FieldsBefore {
  const std::vector<Field>& newest;  // of the newest form
  const std::vector<Field>& landed;  // and those of all earlier forms: KeepColumns
};

// Adds the changes. `path` is that of the table or object.
void CompareFields(const FieldsBefore& before, const std::vector<Field>& after, const std::string& path,
                   std::vector<ContractChange>* changes);

}  // namespace forebay
