#include <array>
#include <map>
#include <set>
#include <utility>

#include "contract/contract_hash.h"
#include "ledger/ledger.h"
#include "ledger/rows.h"
#include "ledger/tables.h"

namespace forebay {
namespace {

LandedRecordColumns ColumnsOf(const std::optional<LandedRecord>& record) {
  LandedRecordColumns columns;
  if (!record) return columns;
  columns.offset = record->offset.value();
  columns.fingerprint = static_cast<int64_t>(record->fingerprint);
  if (record->leader_epoch) columns.leader_epoch = record->leader_epoch->value();
  return columns;
}

}  // namespace

Status InsertLake(Sqlite& db, const std::string& id, int64_t now_ms) {
  return InsertRows(db, "lake", kLakeColumns, std::array{LakeRow{1, id, now_ms}});
}

Status InsertTopic(Sqlite& db, const LedgerTopic& topic) {
  return InsertRows(db, "topics", kTopicColumns, std::array{topic});
}

Status InsertPatternTables(Sqlite& db, const std::vector<PatternTable>& tables) {
  return InsertRows(db, "pattern_tables", kPatternTableColumns, tables);
}

Status InsertPartitions(Sqlite& db, const std::vector<LedgerPartition>& partitions) {
  std::vector<PartitionRow> rows;
  for (const LedgerPartition& partition : partitions) rows.push_back({partition, ColumnsOf(partition.base)});
  return InsertRows(db, "partitions", PartitionColumns(), rows);
}

Status SetNext(Sqlite& db, const LedgerState& state, const std::vector<TopicPartition>& partitions) {
  FOREBAY_ASSIGN(Statement update,
                 db.Prepare("UPDATE partitions SET next = ? WHERE topic_id = ? AND kafka_partition = ? AND"
                            " incarnation = ?"));
  for (const TopicPartition& partition : partitions) {
    FOREBAY_TRY(update.Run(state.partitions.at(partition).next, partition.topic_id, partition.partition,
                           partition.incarnation));
  }
  return Ok();
}

Status InsertLost(Sqlite& db, const std::vector<LostRange>& lost) {
  return InsertRows(db, "lost_ranges", LostColumns(), lost);
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

namespace {

// A topic whose records have ever new names must not let the ledger grow without end.
constexpr size_t kMaxUnknownMembers = 500;  // of a table
constexpr char kOverflowName[] = "(other members)";

Status UpsertFieldCounts(Sqlite& db, const std::vector<FieldCount>& counts) {
  if (counts.empty()) return Ok();
  FOREBAY_ASSIGN(const std::vector<FieldCount> before, LoadFieldCounts(db));
  std::map<std::string, std::set<std::string>> unknown;  // by table
  for (const FieldCount& known : before) {
    if (known.kind == FieldCountKind::kUnknown) unknown[known.table].insert(known.field);
  }
  FOREBAY_ASSIGN(Statement add,
                 db.Prepare("INSERT INTO field_counts (table_name, kind, field, records) VALUES (?, ?, ?, ?)"
                            " ON CONFLICT (table_name, kind, field)"
                            " DO UPDATE SET records = records + excluded.records"));
  for (const FieldCount& count : counts) {
    std::string field = count.field;
    if (count.kind == FieldCountKind::kUnknown) {
      std::set<std::string>& names = unknown[count.table];
      if (!names.contains(field) && names.size() >= kMaxUnknownMembers) field = kOverflowName;
      names.insert(field);
    }
    FOREBAY_TRY(add.Run(count.table, count.kind, field, count.records));
  }
  return Ok();
}

}  // namespace

Result<DecidedBatch> InsertBatch(Sqlite& db, BatchId batch, const BatchProposal& proposal, int64_t now_ms) {
  LedgerBatch row;
  row.id = batch;
  row.contract_hash = ContractHash(proposal.contract_yaml);
  row.engine = proposal.engine;
  row.engine_version = proposal.engine_version;
  row.may_be_transformed = proposal.may_be_transformed;
  row.decided_at_ms = now_ms;
  FOREBAY_ASSIGN(
      Statement contract,
      db.Prepare("INSERT INTO contracts (hash, yaml) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING"));
  FOREBAY_TRY(contract.Run(row.contract_hash, proposal.contract_yaml));
  FOREBAY_TRY(InsertRows(db, "batches", BatchColumns(), std::array{row}));
  std::vector<RangeRow> ranges;
  for (const BatchRange& range : proposal.ranges)
    ranges.push_back({batch, range, ColumnsOf(range.last_record)});
  FOREBAY_TRY(InsertRows(db, "ranges", RangeColumns(), ranges));
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
  FOREBAY_TRY(UpsertFieldCounts(db, proposal.fields));
  return decided;
}

}  // namespace forebay
