// Which tables have rows in the lake, and with which contracts these were landed.
#pragma once

#include <vector>

#include "base/result.h"
#include "ledger/records.h"
#include "ledger/sqlite.h"

namespace forebay {

// Up to the batch `until`; the newest contract of each table first. Runs inside the caller's transaction.
// Where the lake was landed with several contracts, it reads all batches, without their ranges and files.
Result<std::vector<LandedTable>> LoadLandedTables(Sqlite& db, BatchId until);

// The topics of which something was landed or given up, whatever became of it.
Result<std::vector<LedgerTopic>> LoadLandedTopics(Sqlite& db, int64_t version);

}  // namespace forebay
