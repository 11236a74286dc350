#include <algorithm>
#include <utility>

#include "ledger/added_columns.h"
#include "ledger/landed_tables.h"
#include "ledger/ledger.h"
#include "ledger/ledger_store.h"
#include "ledger/rows.h"

namespace forebay {

Result<BatchId> Ledger::LastBatch() {
  FOREBAY_ASSIGN(Sqlite * db, store_->Load());
  FOREBAY_ASSIGN(const BatchId last, LoadLastBatch(*db));
  newest_seen_ = std::max(newest_seen_, last);
  return last;
}

Result<BatchState> Ledger::StateOf(BatchId batch) {
  FOREBAY_ASSIGN(Sqlite * db, store_->Load());
  return LoadBatchState(*db, batch);
}

Result<std::map<PartitionId, LogPosition>> Ledger::NextPositions(const TopicId& topic_id) {
  FOREBAY_ASSIGN(auto positions, NextPositions());
  return std::move(positions[topic_id]);
}

Result<std::map<TopicId, std::map<PartitionId, LogPosition>>> Ledger::NextPositions() {
  FOREBAY_ASSIGN(Sqlite * db, store_->Load());
  FOREBAY_ASSIGN(const std::vector<LedgerPartition> partitions, LoadPartitions(*db, version_));
  std::map<TopicId, std::map<PartitionId, LogPosition>> positions;
  for (const LedgerPartition& known : partitions) {
    if (known.current)
      positions[known.partition.topic_id][known.partition.partition] = {known.partition.incarnation,
                                                                        known.next};
  }
  return positions;
}

Result<std::vector<std::vector<LandedRecord>>> Ledger::LastRecords(const std::vector<TopicPartition>& logs,
                                                                   size_t most) {
  FOREBAY_ASSIGN(Sqlite * db, store_->Load());
  FOREBAY_ASSIGN(const Transaction transaction, Transaction::BeginReading(*db));
  FOREBAY_ASSIGN(const std::vector<LedgerPartition> partitions, LoadPartitions(*db));
  std::map<std::pair<TopicId, PartitionId>, std::vector<LedgerPartition>> by_partition;
  for (const LedgerPartition& known : partitions)
    by_partition[{known.partition.topic_id, known.partition.partition}].push_back(known);
  std::vector<std::vector<LandedRecord>> records;
  for (const TopicPartition& log : logs) {
    const std::vector<LogSegment> lineage = LineageOf(by_partition[{log.topic_id, log.partition}], log);
    FOREBAY_ASSIGN(records.emplace_back(), LoadLastRecords(*db, lineage, most));
  }
  return records;
}

Result<std::vector<LedgerTopic>> Ledger::Topics() {
  FOREBAY_ASSIGN(Sqlite * db, store_->Load());
  return LoadTopics(*db);
}

Result<std::set<std::string>> Ledger::PatternTables() {
  FOREBAY_ASSIGN(Sqlite * db, store_->Load());
  FOREBAY_ASSIGN(const std::vector<PatternTable> rows, LoadPatternTables(*db));
  std::set<std::string> tables;
  for (const PatternTable& row : rows) tables.insert(row.table);
  return tables;
}

Result<std::optional<std::string>> Ledger::LatestContract() {
  FOREBAY_ASSIGN(Sqlite * db, store_->Load());
  return LoadLatestContract(*db);
}

Result<std::vector<LandedTable>> Ledger::LandedTables(BatchId until) {
  FOREBAY_ASSIGN(Sqlite * db, store_->Load());
  FOREBAY_ASSIGN(const Transaction transaction, Transaction::BeginReading(*db));
  return LoadLandedTables(*db, until);
}

Result<std::vector<LedgerTopic>> Ledger::LandedTopics() {
  FOREBAY_ASSIGN(Sqlite * db, store_->Load());
  FOREBAY_ASSIGN(const Transaction transaction, Transaction::BeginReading(*db));
  return LoadLandedTopics(*db, version_);
}

Result<std::vector<DecidedBatch>> Ledger::Unpublished() {
  FOREBAY_ASSIGN(Sqlite * db, store_->Load());
  FOREBAY_ASSIGN(const Transaction transaction, Transaction::BeginReading(*db));
  FOREBAY_ASSIGN(const std::vector<BatchId> ids, LoadBatchesIn(*db, BatchState::kDecided));
  std::vector<DecidedBatch> batches;
  for (const BatchId id : ids) batches.push_back({id, {}});
  if (batches.empty()) return batches;
  FOREBAY_ASSIGN(std::vector<LedgerFile> files,
                 LoadFiles(*db, BatchId(0), kNewestBatch, WhichFiles::kUnpublished));
  size_t at = 0;
  for (LedgerFile& file : files) {
    while (batches[at].id < file.batch) ++at;
    batches[at].files.push_back(std::move(file));
  }
  return batches;
}

Result<std::vector<FilePlace>> Ledger::FindUnknown(std::vector<FilePlace> places) {
  if (places.empty()) return places;
  FOREBAY_ASSIGN(Sqlite * db, store_->Load());
  return RemoveKnown(*db, std::move(places));
}

Result<std::vector<AddedColumn>> Ledger::AddedColumns() {
  if (version_ < 4) return std::vector<AddedColumn>();
  FOREBAY_ASSIGN(Sqlite * db, store_->Load());
  return LoadAddedColumns(*db);
}

Result<std::vector<LedgerFile>> Ledger::Expiring() {
  FOREBAY_ASSIGN(Sqlite * db, store_->Load());
  return LoadFiles(*db, BatchId(0), kNewestBatch, WhichFiles::kExpiring);
}

Result<std::vector<LedgerFile>> Ledger::UnfinishedRebuilds() {
  FOREBAY_ASSIGN(Sqlite * db, store_->Load());
  return LoadFiles(*db, BatchId(0), kNewestBatch, WhichFiles::kUnfinishedRebuilds);
}

Result<LedgerSnapshot> Ledger::Snapshot(BatchId since, BatchId until) {
  FOREBAY_ASSIGN(Sqlite * db, store_->Load());
  FOREBAY_ASSIGN(const Transaction transaction, Transaction::BeginReading(*db));
  // Another process may have upgraded the schema since this one opened the ledger.
  FOREBAY_ASSIGN(version_, db->QueryInt64("PRAGMA user_version"));
  LedgerSnapshot snapshot;
  snapshot.lake_id = lake_id_;
  snapshot.since = since;
  FOREBAY_ASSIGN(snapshot.last_batch, LoadLastBatch(*db));
  FOREBAY_ASSIGN(snapshot.topics, LoadTopics(*db));
  FOREBAY_ASSIGN(snapshot.partitions, LoadPartitions(*db, version_));
  FOREBAY_ASSIGN(snapshot.batches, LoadBatches(*db, since, until, version_));
  FOREBAY_ASSIGN(snapshot.lost, LoadLost(*db, version_));
  FOREBAY_ASSIGN(snapshot.adoptions, LoadAdoptions(*db));
  FOREBAY_ASSIGN(snapshot.contracts, LoadContracts(*db));
  if (version_ < 2) return snapshot;  // nothing of these could be recorded yet
  FOREBAY_ASSIGN(snapshot.expiries, LoadExpiries(*db));
  FOREBAY_ASSIGN(snapshot.rebuilds, LoadRebuilds(*db, version_));
  if (version_ < 4) return snapshot;
  FOREBAY_TRY(LoadUntimed(*db, since, until, &snapshot.batches));
  FOREBAY_ASSIGN(snapshot.fields, LoadFieldCounts(*db));
  return snapshot;
}

}  // namespace forebay
