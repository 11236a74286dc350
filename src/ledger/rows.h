// Loads and writes the rows of the ledger's tables, for the Ledger's sources. Every function here runs inside
// the caller's transaction.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ledger/records.h"
#include "ledger/rules.h"
#include "ledger/schema.h"
#include "ledger/sqlite.h"

namespace forebay {

// ---- reading ----
// The lake's id; nullopt if the ledger has none.
Result<std::optional<std::string>> LoadLake(Sqlite& db);
Result<std::vector<LedgerTopic>> LoadTopics(Sqlite& db);
Result<std::vector<PatternTable>> LoadPatternTables(Sqlite& db);
// `version` is that of the schema, here and below.
Result<std::vector<LedgerPartition>> LoadPartitions(Sqlite& db, int64_t version = kLedgerVersion);
// The last records of up to `most` ranges of a log, newest first, at growing distances.
Result<std::vector<LandedRecord>> LoadLastRecords(Sqlite& db, const std::vector<LogSegment>& lineage,
                                                  size_t most);
Result<BatchId> LoadLastBatch(Sqlite& db);
// The state that the rules check.
Result<LedgerState> LoadState(Sqlite& db, int64_t version = kLedgerVersion);
// kCorruption if the ledger does not have this batch.
Result<BatchState> LoadBatchState(Sqlite& db, BatchId batch);
// Files of the batches newer than `since` and not newer than `until`, in order of batch and place.
enum class WhichFiles {
  kAll,
  kUnpublished,         // of batches that are decided but not published
  kExpiring,            // being removed by an operator
  kUnfinishedRebuilds,  // rebuilt, and perhaps not in place yet
};
Result<std::vector<LedgerFile>> LoadFiles(Sqlite& db, BatchId since, BatchId until, WhichFiles which);
Result<std::optional<LedgerFile>> FindFile(Sqlite& db, BatchId batch, const FilePlace& place);
// Batches newer than `since` and not newer than `until`, with everything in them.
Result<std::vector<LedgerBatch>> LoadBatches(Sqlite& db, BatchId since, BatchId until, int64_t version);
// Adds to these batches what LoadBatches leaves out. REQUIRES: a schema of version 4 or newer.
Status LoadUntimed(Sqlite& db, BatchId since, BatchId until, std::vector<LedgerBatch>* batches);
Result<std::vector<BatchId>> LoadBatchesIn(Sqlite& db, BatchState state);
Result<std::vector<LostRange>> LoadLost(Sqlite& db, int64_t version);
Result<std::vector<Adoption>> LoadAdoptions(Sqlite& db);
Result<std::vector<Expiry>> LoadExpiries(Sqlite& db);
Result<std::vector<FieldCount>> LoadFieldCounts(Sqlite& db);
Result<std::vector<Rebuild>> LoadRebuilds(Sqlite& db, int64_t version);
// By hash. kCorruption if a text does not have its hash.
Result<std::map<std::string, std::string>> LoadContracts(Sqlite& db);
// Those of `places` that no row of `files` names.
Result<std::vector<FilePlace>> RemoveKnown(Sqlite& db, std::vector<FilePlace> places);
// The contract of the newest batch; nullopt before the first batch.
Result<std::optional<std::string>> LoadLatestContract(Sqlite& db);

// ---- writing ----
Status InsertLake(Sqlite& db, const std::string& id, int64_t now_ms);
Status InsertTopic(Sqlite& db, const LedgerTopic& topic);
Status InsertPatternTables(Sqlite& db, const std::vector<PatternTable>& tables);
Status InsertPartitions(Sqlite& db, const std::vector<LedgerPartition>& partitions);
Status SetNext(Sqlite& db, const LedgerState& state, const std::vector<TopicPartition>& partitions);
Status InsertLost(Sqlite& db, const std::vector<LostRange>& lost);
Status InsertAdoption(Sqlite& db, const Adoption& adoption);
Status InsertExpiry(Sqlite& db, const Expiry& expiry);
Status InsertRebuild(Sqlite& db, const Rebuild& rebuild);
// Inserts a decided batch, except its progress. Returns the files with their final names.
Result<DecidedBatch> InsertBatch(Sqlite& db, BatchId batch, const BatchProposal& proposal, int64_t now_ms);

}  // namespace forebay
