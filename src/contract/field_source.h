// kafka.source of a field: "key", "key.id", "header:traceparent", "partition", "offset" or "timestamp".
#pragma once

#include "contract/contract.h"
#include "contract/custom_properties.h"

namespace forebay {

// Reads the property into source and source_path of a field of the record itself. Reports a text that names
// no source, and a type that the source cannot fill.
void ReadFieldSource(const CustomProperties& custom, Field& field);

}  // namespace forebay
