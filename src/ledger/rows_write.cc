#include <array>
#include <utility>

#include "ledger/ledger.h"
#include "ledger/rows.h"
#include "ledger/tables.h"

namespace forebay {

Status InsertLake(Sqlite& db, const std::string& id, int64_t now_ms) {
  return InsertRows(db, "lake", kLakeColumns, std::array{LakeRow{1, id, now_ms}});
}

Status InsertTopic(Sqlite& db, const LedgerTopic& topic) {
  return InsertRows(db, "topics", kTopicColumns, std::array{topic});
}

Status InsertPartitions(Sqlite& db, const std::vector<LedgerPartition>& partitions) {
  return InsertRows(db, "partitions", kPartitionColumns, partitions);
}

Status SetNext(Sqlite& db, const LedgerState& state, const std::vector<TopicPartition>& partitions) {
  FOREBAY_ASSIGN(Statement update,
                 db.Prepare("UPDATE partitions SET next = ? WHERE topic_id = ? AND kafka_partition = ?"));
  for (const TopicPartition& partition : partitions) {
    FOREBAY_TRY(update.Run(state.partitions.at(partition).next, partition.topic_id, partition.partition));
  }
  return Ok();
}

Status InsertLost(Sqlite& db, const std::vector<LostRange>& lost) {
  return InsertRows(db, "lost_ranges", kLostColumns, lost);
}

Status InsertAdoption(Sqlite& db, const Adoption& adoption) {
  return InsertRows(db, "adoptions", kAdoptionColumns, std::array{adoption});
}

Status InsertExpiry(Sqlite& db, const Expiry& expiry) {
  return InsertRows(db, "expiries", kExpiryColumns, std::array{expiry});
}

Status InsertRebuild(Sqlite& db, const Rebuild& rebuild) {
  return InsertRows(db, "rebuilds", RebuildColumns("damage"), std::array{rebuild});
}

Result<DecidedBatch> InsertBatch(Sqlite& db, BatchId batch, const BatchProposal& proposal, int64_t now_ms) {
  LedgerBatch row;
  row.id = batch;
  row.contract_hash = ContractHash(proposal.contract_yaml);
  row.engine = proposal.engine;
  row.engine_version = proposal.engine_version;
  row.decided_at_ms = now_ms;
  FOREBAY_ASSIGN(
      Statement contract,
      db.Prepare("INSERT INTO contracts (hash, yaml) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING"));
  FOREBAY_TRY(contract.Run(row.contract_hash, proposal.contract_yaml));
  FOREBAY_TRY(InsertRows(db, "batches", kBatchColumns, std::array{row}));
  std::vector<RangeRow> ranges;
  for (const BatchRange& range : proposal.ranges) ranges.push_back({batch, range});
  FOREBAY_TRY(InsertRows(db, "ranges", kRangeColumns, ranges));
  DecidedBatch decided{batch, {}};
  for (const ProposedFile& file : proposal.files) {
    const FilePlace place = {file.table, file.partition_dir, file.file_name};
    decided.files.push_back({batch, place, file, FileState::kPresent});
  }
  FOREBAY_TRY(InsertRows(db, "files", kFileColumns, decided.files));
  std::vector<CountRow> counts;
  for (const QuarantineCount& count : proposal.quarantine) counts.push_back({batch, count});
  FOREBAY_TRY(InsertRows(db, "quarantine_counts", kCountColumns, counts));
  std::vector<UntimedRow> untimed;
  for (const UntimedCount& count : proposal.untimed) untimed.push_back({batch, count});
  FOREBAY_TRY(InsertRows(db, "untimed_counts", kUntimedColumns, untimed));
  return decided;
}

}  // namespace forebay
