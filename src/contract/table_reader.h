// Reads one entry of `schema` as a table.
#pragma once

#include <optional>

#include "contract/contract.h"
#include "contract/diagnostics.h"
#include "contract/yaml_node.h"

namespace forebay {

// Reads one schema object. Nothing, with a note, if it is not a topic. The table is complete only if the call
// adds no diagnostic.
std::optional<Table> ReadTable(const YamlNode& node, Diagnostics& diagnostics);

}  // namespace forebay
