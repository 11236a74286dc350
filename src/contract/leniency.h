// onWrongValue and coerce: what becomes of values that are not as the contract says, by field or for a table.
#pragma once

#include "contract/contract.h"
#include "contract/custom_properties.h"

namespace forebay {

struct Leniency {
  bool null_if_wrong = false;
  Coercions coercions;
};

// Those of a field or a table; `inherited` where it has no such property. Reports values that are none.
Leniency ReadLeniency(const CustomProperties& custom, const Leniency& inherited);

// Sets them for a field. Reports a field that cannot be null.
void ApplyLeniency(const CustomProperties& custom, const Leniency& leniency, Field& field);

}  // namespace forebay
