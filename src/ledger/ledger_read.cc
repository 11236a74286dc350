#include <utility>

#include "ledger/ledger.h"
#include "ledger/rows.h"
#include "ledger/sqlite.h"

namespace forebay {

Result<std::map<PartitionId, Offset>> Ledger::NextPositions(const TopicId& topic_id) {
  return LoadNextPositions(*db_, topic_id);
}

Result<std::optional<LedgerTopic>> Ledger::CurrentTopic(const std::string& topic) {
  FOREBAY_ASSIGN(const std::vector<LedgerTopic> topics, LoadTopics(*db_));
  for (const LedgerTopic& known : topics) {
    if (known.current && known.topic == topic) return std::optional<LedgerTopic>(known);
  }
  return std::optional<LedgerTopic>();
}

Result<std::optional<std::string>> Ledger::LatestContract() {
  return LoadLatestContract(*db_);
}

Result<std::vector<DecidedBatch>> Ledger::Unpublished() {
  FOREBAY_ASSIGN(const Transaction transaction, Transaction::BeginReading(*db_));
  FOREBAY_ASSIGN(const std::vector<BatchId> ids, LoadBatchesIn(*db_, BatchState::kDecided));
  std::vector<DecidedBatch> batches;
  for (const BatchId id : ids) batches.push_back({id, {}});
  if (batches.empty()) return batches;
  FOREBAY_ASSIGN(std::vector<LedgerFile> files,
                 LoadFiles(*db_, BatchId(0), kNewestBatch, WhichFiles::kUnpublished));
  size_t at = 0;
  for (LedgerFile& file : files) {
    while (batches[at].id < file.batch) ++at;
    batches[at].files.push_back(std::move(file));
  }
  return batches;
}

Result<LedgerSnapshot> Ledger::Snapshot(BatchId since, BatchId until) {
  FOREBAY_ASSIGN(const Transaction transaction, Transaction::BeginReading(*db_));
  // Another process may have upgraded the schema since this one opened the ledger.
  FOREBAY_ASSIGN(version_, db_->QueryInt64("PRAGMA user_version"));
  LedgerSnapshot snapshot;
  snapshot.lake_id = lake_id_;
  snapshot.since = since;
  FOREBAY_ASSIGN(snapshot.last_batch, LoadLastBatch(*db_));
  FOREBAY_ASSIGN(snapshot.topics, LoadTopics(*db_));
  FOREBAY_ASSIGN(snapshot.partitions, LoadPartitions(*db_));
  FOREBAY_ASSIGN(snapshot.batches, LoadBatches(*db_, since, until));
  FOREBAY_ASSIGN(snapshot.lost, LoadLost(*db_));
  FOREBAY_ASSIGN(snapshot.adoptions, LoadAdoptions(*db_));
  FOREBAY_ASSIGN(snapshot.contracts, LoadContracts(*db_));
  if (version_ < 2) return snapshot;  // nothing of these could be recorded yet
  FOREBAY_ASSIGN(snapshot.expiries, LoadExpiries(*db_));
  FOREBAY_ASSIGN(snapshot.rebuilds, LoadRebuilds(*db_, version_));
  return snapshot;
}

}  // namespace forebay
