// slaProperties: the service levels that the contract promises.
#pragma once

#include "contract/contract.h"
#include "contract/map_reader.h"

namespace forebay {

// Reads freshness, latency and retention from `slaProperties` into the contract and into the tables that
// `element` names. Skips other properties that ODCS lists. REQUIRES: contract.tables is complete.
void ReadServiceLevels(const MapReader& root, Contract& contract);

}  // namespace forebay
