// Converts rows of the ledger's tables to values and back, for the Ledger's sources. Every function here runs
// inside the caller's transaction.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/records.h"
#include "ledger/rules.h"
#include "ledger/sqlite.h"

namespace forebay {

// ---- reading ----
Result<std::vector<LedgerTopic>> LoadTopics(Sqlite& db);
Result<std::vector<LedgerPartition>> LoadPartitions(Sqlite& db);
Result<BatchId> LoadLastBatch(Sqlite& db);
// The state that the rules check.
Result<LedgerState> LoadState(Sqlite& db);
// Files of the batches newer than `since` and not newer than `until`, in order of batch and place.
enum class WhichFiles {
  kAll,
  kUnpublished,         // of batches that are decided but not published
  kExpiring,            // being removed by an operator
  kUnfinishedRebuilds,  // rebuilt, and perhaps not in place yet
};
Result<std::vector<LedgerFile>> LoadFiles(Sqlite& db, BatchId since, BatchId until, WhichFiles which);
// Batches newer than `since` and not newer than `until`, with everything in them.
Result<std::vector<LedgerBatch>> LoadBatches(Sqlite& db, BatchId since, BatchId until);

// ---- writing ----
Status InsertTopic(Sqlite& db, const LedgerTopic& topic);
Status SetNext(Sqlite& db, const LedgerState& state, const std::vector<TopicPartition>& partitions);
// Inserts a decided batch, except its progress. Returns the files with their final names.
Result<DecidedBatch> InsertBatch(Sqlite& db, BatchId batch, const BatchProposal& proposal, int64_t now_ms);

}  // namespace forebay
