// Reads one entry of `schema` as a table.
#pragma once

#include "contract/contract.h"
#include "contract/diagnostics.h"
#include "contract/yaml_node.h"

namespace forebay {

// Reads one schema object. The table is complete only if the call adds no diagnostic.
Table ReadTable(const YamlNode& node, Diagnostics& diagnostics);

}  // namespace forebay
