// slaProperties: what the contract promises about time.
#pragma once

#include "contract/contract.h"
#include "contract/map_reader.h"

namespace forebay {

// Reads freshness, latency and retention of `slaProperties` into the contract and into the tables that
// `element` names. Other properties that ODCS lists are passed over. REQUIRES: contract.tables are complete.
void ReadServiceLevels(const MapReader& root, Contract& contract);

}  // namespace forebay
