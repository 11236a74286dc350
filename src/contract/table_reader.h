// From one entry of `schema` to a table.
#pragma once

#include "contract/contract.h"
#include "contract/diagnostics.h"
#include "contract/yaml_node.h"

namespace forebay {

// Reads one schema object. What it gives is whole only where it added no diagnostic.
Table ReadTable(const YamlNode& node, Diagnostics& diagnostics);

}  // namespace forebay
