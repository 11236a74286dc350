#include "ledger/rows.h"

#include <string>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "base/row_hash.h"
#include "contract/contract_hash.h"
#include "ledger/ledger.h"
#include "ledger/schema.h"
#include "ledger/tables.h"

namespace forebay {

namespace {

Status CheckContract(const Sqlite& db, const ContractRow& contract) {
  if (ContractHash(contract.yaml) == contract.hash) return Ok();
  return db.Damaged("the text of a contract does not have its hash");
}

// Assigns rows, in ascending order of their batch, to `batches`, which ascend by id.
class BatchCursor {
 public:
  explicit BatchCursor(std::vector<LedgerBatch>& batches) : batches_(batches) {}
  Result<LedgerBatch*> Advance(BatchId batch) {
    while (at_ < batches_.size() && batches_[at_].id < batch) ++at_;
    if (at_ < batches_.size() && batches_[at_].id == batch) return &batches_[at_];
    return CorruptionError("ledger damaged: it has rows of batch " + std::to_string(batch.value()) +
                           ", but not the batch; restore the ledger from a backup");
  }

 private:
  std::vector<LedgerBatch>& batches_;
  size_t at_ = 0;
};

std::optional<LandedRecord> RecordOf(const LandedRecordColumns& columns) {
  if (!columns.offset || !columns.fingerprint) return std::nullopt;
  LandedRecord record{Offset(*columns.offset), static_cast<uint64_t>(*columns.fingerprint), std::nullopt};
  if (columns.leader_epoch) record.leader_epoch = LeaderEpoch(static_cast<int32_t>(*columns.leader_epoch));
  return record;
}

// The last record of the newest range of the log that begins at or below `below` and whose last record is
// below `end`.
Result<std::optional<RangeRow>> FindLastRecord(Sqlite& db, const TopicPartition& log, Offset below,
                                               Offset end) {
  // Only the nearest ranges are looked at: those of older versions have no last record.
  constexpr std::string_view kTail =
      "FROM (SELECT * FROM ranges WHERE topic_id = ? AND kafka_partition = ? AND incarnation = ?"
      " AND from_offset <= ? ORDER BY from_offset DESC LIMIT 64)"
      " WHERE last_record_offset < ? ORDER BY from_offset DESC LIMIT 1";
  return FindRow<RangeRow>(db, RangeColumns(), kTail, log.topic_id, log.partition, log.incarnation, below,
                           end);
}

Status LoadRanges(Sqlite& db, BatchId since, BatchId until, int64_t version,
                  std::vector<LedgerBatch>* batches) {
  BatchCursor cursor(*batches);
  const auto append = [&](RangeRow&& row) -> Status {
    FOREBAY_ASSIGN(LedgerBatch * batch, cursor.Advance(row.batch));
    row.value.last_record = RecordOf(row.last_record);
    batch->ranges.push_back(std::move(row.value));
    return Ok();
  };
  return ForEachRow<RangeRow>(
      db, RangeColumns(NamesOfVersion(version)),
      "FROM ranges WHERE batch > ? AND batch <= ? ORDER BY batch, topic_id, kafka_partition", append, since,
      until);
}

Status LoadCounts(Sqlite& db, BatchId since, BatchId until, std::vector<LedgerBatch>* batches) {
  BatchCursor cursor(*batches);
  const auto append = [&](CountRow&& row) -> Status {
    FOREBAY_ASSIGN(LedgerBatch * batch, cursor.Advance(row.batch));
    batch->quarantine.push_back(std::move(row.value));
    return Ok();
  };
  return ForEachRow<CountRow>(
      db, kCountColumns,
      "FROM quarantine_counts WHERE batch > ? AND batch <= ? ORDER BY batch, table_name, reason", append,
      since, until);
}

// Sets the members that are not columns.
void CompleteFile(LedgerFile& file) {
  file.file.table = file.place.table;
  file.file.partition_dir = file.place.partition_dir;
  file.file.file_name = file.place.file_name;
}

// Calls `each` for the files that LoadFiles returns.
template <typename Each>
Status ForEachFile(Sqlite& db, BatchId since, BatchId until, WhichFiles which, Each&& each) {
  std::string tail = "FROM files WHERE batch > ? AND batch <= ?";
  if (which == WhichFiles::kUnpublished)
    tail += " AND batch IN (SELECT batch FROM batches WHERE state = 'decided')";
  if (which == WhichFiles::kExpiring) tail += " AND state = 'expiring'";
  if (which == WhichFiles::kUnfinishedRebuilds) {
    tail +=
        " AND (batch, table_name, partition_dir, file_name) IN (SELECT batch, table_name, partition_dir,"
        " file_name FROM rebuilds WHERE done_at_ms IS NULL)";
  }
  tail += " ORDER BY batch, table_name, partition_dir, file_name";
  const auto complete = [&](LedgerFile&& file) {
    CompleteFile(file);
    return each(std::move(file));
  };
  return ForEachRow<LedgerFile>(db, kFileColumns, tail, complete, since, until);
}

}  // namespace

Result<std::optional<std::string>> LoadLake(Sqlite& db) {
  FOREBAY_ASSIGN(const auto lake, FindRow<LakeRow>(db, kLakeColumns, "FROM lake"));
  return lake ? std::optional(lake->id) : std::nullopt;
}

Result<std::vector<LedgerTopic>> LoadTopics(Sqlite& db) {
  return LoadRows<LedgerTopic>(db, kTopicColumns, "FROM topics ORDER BY topic, first_seen_at_ms, topic_id");
}

Result<std::vector<PatternTable>> LoadPatternTables(Sqlite& db) {
  return LoadRows<PatternTable>(db, kPatternTableColumns, "FROM pattern_tables ORDER BY table_name");
}

Result<std::vector<LedgerPartition>> LoadPartitions(Sqlite& db, int64_t version) {
  const ColumnNames names = NamesOfVersion(version);
  const std::string tail =
      "FROM partitions ORDER BY topic_id, kafka_partition, " + std::string(names.incarnation);
  std::vector<LedgerPartition> partitions;
  const auto append = [&](PartitionRow&& row) {
    row.value.base = RecordOf(row.base);
    partitions.push_back(std::move(row.value));
    return Ok();
  };
  FOREBAY_TRY(ForEachRow<PartitionRow>(db, PartitionColumns(names), tail, append));
  for (size_t i = 1; i < partitions.size(); ++i) {
    const TopicPartition& at = partitions[i].partition;
    const TopicPartition& before = partitions[i - 1].partition;
    partitions[i - 1].current = before.topic_id != at.topic_id || before.partition != at.partition;
  }
  return partitions;
}

Result<std::vector<LandedRecord>> LoadLastRecords(Sqlite& db, const std::vector<LogSegment>& lineage,
                                                  size_t most) {
  std::vector<LandedRecord> records;
  int64_t distance = 1;
  for (const LogSegment& segment : lineage) {
    Offset below = segment.offsets.to;
    while (records.size() < most && below >= segment.offsets.from) {
      FOREBAY_ASSIGN(const auto row, FindLastRecord(db, segment.log, below, segment.offsets.to));
      if (!row) break;
      records.push_back(*RecordOf(row->last_record));
      below = Offset(row->value.offsets.from.value() - distance);
      distance *= 2;
    }
    if (records.size() < most && segment.base) records.push_back(*segment.base);
  }
  return records;
}

Result<BatchId> LoadLastBatch(Sqlite& db) {
  FOREBAY_ASSIGN(const int64_t last, db.QueryInt64("SELECT coalesce(max(batch), 0) FROM batches"));
  return BatchId(last);
}

Result<LedgerState> LoadState(Sqlite& db, int64_t version) {
  LedgerState state;
  FOREBAY_ASSIGN(state.last_batch, LoadLastBatch(db));
  const auto add_topic = [&](LedgerTopic&& topic) {
    state.topics.emplace(topic.id, std::move(topic));
    return Ok();
  };
  FOREBAY_TRY(ForEachRow<LedgerTopic>(db, kTopicColumns, "FROM topics", add_topic));
  FOREBAY_ASSIGN(const std::vector<LedgerPartition> partitions, LoadPartitions(db, version));
  for (const LedgerPartition& known : partitions) {
    state.partitions.emplace(known.partition, PartitionProgress{known.beginning, known.next, known.current});
  }
  return state;
}

Result<BatchState> LoadBatchState(Sqlite& db, BatchId batch) {
  FOREBAY_ASSIGN(const auto row, FindRow<StateRow>(db, kStateColumns, "FROM batches WHERE batch = ?", batch));
  if (!row) {
    return CorruptionError("ledger " + db.path() + " has no batch " + std::to_string(batch.value()) +
                           "; restore it from a backup");
  }
  return row->state;
}

Result<std::vector<LedgerFile>> LoadFiles(Sqlite& db, BatchId since, BatchId until, WhichFiles which) {
  std::vector<LedgerFile> files;
  const auto append = [&](LedgerFile&& file) {
    files.push_back(std::move(file));
    return Ok();
  };
  FOREBAY_TRY(ForEachFile(db, since, until, which, append));
  return files;
}

Result<std::vector<FilePlace>> RemoveKnown(Sqlite& db, std::vector<FilePlace> places) {
  // By hash: a lake may have millions of files. Two places of one hash (64 bits) would count as one.
  const auto hash_of = [](const FilePlace& place) {
    RowHasher hasher;
    hasher.AddBytes(place.table);
    hasher.AddBytes(place.partition_dir);
    hasher.AddBytes(place.file_name);
    return hasher.Finish();
  };
  std::unordered_set<uint64_t> unknown;
  for (const FilePlace& place : places) unknown.insert(hash_of(place));
  const auto erase = [&](FilePlace&& place) {
    unknown.erase(hash_of(place));
    return Ok();
  };
  FOREBAY_TRY(ForEachRow<FilePlace>(db, kPlaceColumns, "FROM files", erase));
  std::erase_if(places, [&](const FilePlace& place) { return !unknown.contains(hash_of(place)); });
  return places;
}

Result<std::optional<LedgerFile>> FindFile(Sqlite& db, BatchId batch, const FilePlace& place) {
  FOREBAY_ASSIGN(std::optional<LedgerFile> file,
                 FindRow<LedgerFile>(db, kFileColumns,
                                     "FROM files WHERE batch = ? AND table_name = ? AND partition_dir = ?"
                                     " AND file_name = ?",
                                     batch, place.table, place.partition_dir, place.file_name));
  if (file) CompleteFile(*file);
  return file;
}

Result<std::vector<LedgerBatch>> LoadBatches(Sqlite& db, BatchId since, BatchId until, int64_t version) {
  FOREBAY_ASSIGN(
      std::vector<LedgerBatch> batches,
      LoadRows<LedgerBatch>(db, BatchColumns(NamesOfVersion(version)),
                            "FROM batches WHERE batch > ? AND batch <= ? ORDER BY batch", since, until));
  FOREBAY_TRY(LoadRanges(db, since, until, version, &batches));
  FOREBAY_TRY(LoadCounts(db, since, until, &batches));
  BatchCursor cursor(batches);
  const auto append = [&](LedgerFile&& file) -> Status {
    FOREBAY_ASSIGN(LedgerBatch * batch, cursor.Advance(file.batch));
    batch->files.push_back(std::move(file));
    return Ok();
  };
  FOREBAY_TRY(ForEachFile(db, since, until, WhichFiles::kAll, append));
  return batches;
}

Status LoadUntimed(Sqlite& db, BatchId since, BatchId until, std::vector<LedgerBatch>* batches) {
  BatchCursor cursor(*batches);
  const auto append = [&](UntimedRow&& row) -> Status {
    FOREBAY_ASSIGN(LedgerBatch * batch, cursor.Advance(row.batch));
    batch->untimed.push_back(std::move(row.value));
    return Ok();
  };
  return ForEachRow<UntimedRow>(
      db, kUntimedColumns, "FROM untimed_counts WHERE batch > ? AND batch <= ? ORDER BY batch, table_name",
      append, since, until);
}

Result<std::vector<BatchId>> LoadBatchesIn(Sqlite& db, BatchState state) {
  std::vector<BatchId> batches;
  const auto append = [&](BatchKey&& row) {
    batches.push_back(row.batch);
    return Ok();
  };
  // The state stands in the statement, because a partial index serves the decided batches.
  FOREBAY_TRY(ForEachRow<BatchKey>(
      db, kBatchKeyColumns, "FROM batches WHERE state = '" + std::string(NameOf(state)) + "' ORDER BY batch",
      append));
  return batches;
}

Result<std::vector<LostRange>> LoadLost(Sqlite& db, int64_t version) {
  const ColumnNames names = NamesOfVersion(version);
  const std::string tail = "FROM lost_ranges ORDER BY topic_id, kafka_partition, " +
                           std::string(names.incarnation) + ", from_offset";
  return LoadRows<LostRange>(db, LostColumns(names), tail);
}

Result<std::vector<Adoption>> LoadAdoptions(Sqlite& db) {
  return LoadRows<Adoption>(db, kAdoptionColumns,
                            "FROM adoptions ORDER BY topic, adopted_at_ms, to_topic_id");
}

Result<std::vector<Expiry>> LoadExpiries(Sqlite& db) {
  return LoadRows<Expiry>(db, kExpiryColumns, "FROM expiries ORDER BY expiry");
}

Result<std::vector<FieldCount>> LoadFieldCounts(Sqlite& db) {
  return LoadRows<FieldCount>(db, kFieldCountColumns, "FROM field_counts ORDER BY table_name, kind, field");
}

Result<std::vector<Rebuild>> LoadRebuilds(Sqlite& db, int64_t version) {
  if (version < 3) return LoadRows<Rebuild>(db, RebuildColumns(kDamageInVersion2), kRebuildsInVersion2);
  return LoadRows<Rebuild>(db, RebuildColumns("damage"), "FROM rebuilds ORDER BY rebuild");
}

Result<std::map<std::string, std::string>> LoadContracts(Sqlite& db) {
  std::map<std::string, std::string> contracts;
  const auto insert = [&](ContractRow&& contract) -> Status {
    FOREBAY_TRY(CheckContract(db, contract));
    contracts.emplace(std::move(contract.hash), std::move(contract.yaml));
    return Ok();
  };
  FOREBAY_TRY(ForEachRow<ContractRow>(db, kContractColumns, "FROM contracts", insert));
  return contracts;
}

Result<std::optional<std::string>> LoadLatestContract(Sqlite& db) {
  FOREBAY_ASSIGN(const auto contract,
                 FindRow<ContractRow>(db, kContractColumns,
                                      "FROM contracts JOIN batches ON hash = contract_hash"
                                      " ORDER BY batch DESC LIMIT 1"));
  if (!contract) return std::optional<std::string>();
  FOREBAY_TRY(CheckContract(db, *contract));
  return std::optional<std::string>(contract->yaml);
}

}  // namespace forebay
