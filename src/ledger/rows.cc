#include "ledger/rows.h"

#include <string>

#include "ledger/ledger.h"

namespace forebay {
namespace {

FileState FileStateFrom(std::string_view text) {
  if (text == "expiring") return FileState::kExpiring;
  return text == "expired" ? FileState::kExpired : FileState::kPresent;
}

uint64_t Unsigned(int64_t value) {
  return static_cast<uint64_t>(value);
}

TopicPartition ReadPartition(const Statement& row, int column) {
  return {TopicId(row.Text(column)), PartitionId(static_cast<int32_t>(row.Int64(column + 1)))};
}

OffsetRange ReadOffsets(const Statement& row, int column) {
  return {Offset(row.Int64(column)), Offset(row.Int64(column + 1))};
}

// The batch of this id in ascending `batches`; the rows that are merged in come in the same order. There is
// none only where somebody else deleted it.
Result<LedgerBatch*> Advance(std::vector<LedgerBatch>& batches, size_t* at, int64_t batch) {
  while (*at < batches.size() && batches[*at].id.value() < batch) ++*at;
  if (*at < batches.size() && batches[*at].id.value() == batch) return &batches[*at];
  return CorruptionError("the ledger is damaged: it has rows of batch " + std::to_string(batch) +
                         ", and that batch is not in it; put back a copy of the ledger that is whole");
}

Status LoadRanges(Sqlite& db, BatchId since, BatchId until, std::vector<LedgerBatch>* batches) {
  FOREBAY_ASSIGN(
      Statement row,
      db.Prepare("SELECT batch, topic_id, kafka_partition, from_offset, to_offset, rows,"
                 " quarantined, tombstones, max_event_time_us, last_kafka_timestamp_ms"
                 " FROM ranges WHERE batch > ? AND batch <= ? ORDER BY batch, topic_id, kafka_partition",
                 "itiiiiiiUM"));
  FOREBAY_TRY(row.Bind(since, until));
  for (size_t at = 0;;) {
    FOREBAY_ASSIGN(const bool found, row.Step());
    if (!found) return Ok();
    FOREBAY_ASSIGN(LedgerBatch * batch, Advance(*batches, &at, row.Int64(0)));
    batch->ranges.push_back({ReadPartition(row, 1), ReadOffsets(row, 3), row.Int64(5), row.Int64(6),
                             row.Int64(7), row.OptionalInt64(8), row.OptionalInt64(9)});
  }
}

Status LoadCounts(Sqlite& db, BatchId since, BatchId until, std::vector<LedgerBatch>* batches) {
  FOREBAY_ASSIGN(Statement row,
                 db.Prepare("SELECT batch, table_name, reason, records FROM quarantine_counts"
                            " WHERE batch > ? AND batch <= ? ORDER BY batch, table_name, reason",
                            "itti"));
  FOREBAY_TRY(row.Bind(since, until));
  for (size_t at = 0;;) {
    FOREBAY_ASSIGN(const bool found, row.Step());
    if (!found) return Ok();
    FOREBAY_ASSIGN(LedgerBatch * batch, Advance(*batches, &at, row.Int64(0)));
    batch->quarantine.push_back({row.Text(1), row.Text(2), row.Int64(3)});
  }
}

}  // namespace

Result<std::vector<LedgerTopic>> LoadTopics(Sqlite& db) {
  FOREBAY_ASSIGN(Statement row,
                 db.Prepare("SELECT topic_id, topic, table_name, current, first_seen_at_ms FROM topics"
                            " ORDER BY topic, first_seen_at_ms, topic_id",
                            "tttim"));
  std::vector<LedgerTopic> topics;
  while (true) {
    FOREBAY_ASSIGN(const bool found, row.Step());
    if (!found) return topics;
    topics.push_back({TopicId(row.Text(0)), row.Text(1), row.Text(2), row.Int64(3) == 1, row.Int64(4)});
  }
}

Result<std::vector<LedgerPartition>> LoadPartitions(Sqlite& db) {
  FOREBAY_ASSIGN(Statement row, db.Prepare("SELECT topic_id, kafka_partition, beginning, next FROM partitions"
                                           " ORDER BY topic_id, kafka_partition",
                                           "tiii"));
  std::vector<LedgerPartition> partitions;
  while (true) {
    FOREBAY_ASSIGN(const bool found, row.Step());
    if (!found) return partitions;
    partitions.push_back({ReadPartition(row, 0), Offset(row.Int64(2)), Offset(row.Int64(3))});
  }
}

Result<BatchId> LoadLastBatch(Sqlite& db) {
  FOREBAY_ASSIGN(const int64_t last, db.QueryInt64("SELECT coalesce(max(batch), 0) FROM batches"));
  return BatchId(last);
}

Result<LedgerState> LoadState(Sqlite& db) {
  LedgerState state;
  FOREBAY_ASSIGN(state.last_batch, LoadLastBatch(db));
  FOREBAY_ASSIGN(const std::vector<LedgerTopic> topics, LoadTopics(db));
  for (const LedgerTopic& topic : topics) state.topics.emplace(topic.id, topic);
  FOREBAY_ASSIGN(const std::vector<LedgerPartition> partitions, LoadPartitions(db));
  for (const LedgerPartition& known : partitions) {
    state.partitions[known.partition] = {known.beginning, known.next};
  }
  return state;
}

Result<std::vector<LedgerFile>> LoadFiles(Sqlite& db, BatchId since, BatchId until, WhichFiles which) {
  std::string sql =
      "SELECT batch, table_name, partition_dir, file_name, staged_name, rows, bytes, checksum, position_sum, "
      "key_sum,"
      " min_event_time_us, max_event_time_us, state FROM files WHERE batch > ? AND batch <= ?";
  if (which == WhichFiles::kUnpublished)
    sql += " AND batch IN (SELECT batch FROM batches WHERE state = 'decided')";
  if (which == WhichFiles::kExpiring) sql += " AND state = 'expiring'";
  if (which == WhichFiles::kUnfinishedRebuilds) {
    sql +=
        " AND (batch, table_name, partition_dir, file_name) IN (SELECT batch, table_name, partition_dir,"
        " file_name FROM rebuilds WHERE done_at_ms IS NULL)";
  }
  FOREBAY_ASSIGN(Statement row,
                 db.Prepare(sql + " ORDER BY batch, table_name, partition_dir, file_name", "ittttiiiiiUUt"));
  FOREBAY_TRY(row.Bind(since, until));
  std::vector<LedgerFile> files;
  while (true) {
    FOREBAY_ASSIGN(const bool found, row.Step());
    if (!found) return files;
    LedgerFile file;
    file.batch = BatchId(row.Int64(0));
    file.place = {row.Text(1), row.Text(2), row.Text(3)};
    file.file = {file.place.table,       file.place.partition_dir,
                 file.place.file_name,   row.Text(4),
                 row.Int64(5),           row.Int64(6),
                 Unsigned(row.Int64(7)), Unsigned(row.Int64(8)),
                 Unsigned(row.Int64(9)), row.OptionalInt64(10),
                 row.OptionalInt64(11)};
    file.state = FileStateFrom(row.Text(12));
    files.push_back(std::move(file));
  }
}

Result<std::vector<LedgerBatch>> LoadBatches(Sqlite& db, BatchId since, BatchId until) {
  FOREBAY_ASSIGN(Statement row,
                 db.Prepare("SELECT batch, state, contract_hash, engine, engine_version, decided_at_ms,"
                            " published_at_ms FROM batches WHERE batch > ? AND batch <= ? ORDER BY batch",
                            "ittttmM"));
  FOREBAY_TRY(row.Bind(since, until));
  std::vector<LedgerBatch> batches;
  while (true) {
    FOREBAY_ASSIGN(const bool found, row.Step());
    if (!found) break;
    LedgerBatch batch;
    batch.id = BatchId(row.Int64(0));
    batch.state = row.Text(1) == "published" ? BatchState::kPublished : BatchState::kDecided;
    batch.contract_hash = row.Text(2);
    batch.engine = row.Text(3);
    batch.engine_version = row.Text(4);
    batch.decided_at_ms = row.Int64(5);
    batch.published_at_ms = row.OptionalInt64(6);
    batches.push_back(std::move(batch));
  }
  FOREBAY_TRY(LoadRanges(db, since, until, &batches));
  FOREBAY_TRY(LoadCounts(db, since, until, &batches));
  FOREBAY_ASSIGN(std::vector<LedgerFile> files, LoadFiles(db, since, until, WhichFiles::kAll));
  size_t at = 0;
  for (LedgerFile& file : files) {
    FOREBAY_ASSIGN(LedgerBatch * batch, Advance(batches, &at, file.batch.value()));
    batch->files.push_back(std::move(file));
  }
  return batches;
}

Status InsertTopic(Sqlite& db, const LedgerTopic& topic) {
  FOREBAY_ASSIGN(Statement insert,
                 db.Prepare("INSERT INTO topics (topic_id, topic, table_name, current, first_seen_at_ms)"
                            " VALUES (?, ?, ?, ?, ?)"));
  return insert.Run(topic.id, topic.topic, topic.table, topic.current ? 1 : 0, topic.first_seen_at_ms);
}

Status SetNext(Sqlite& db, const LedgerState& state, const std::vector<TopicPartition>& partitions) {
  FOREBAY_ASSIGN(Statement update,
                 db.Prepare("UPDATE partitions SET next = ? WHERE topic_id = ? AND kafka_partition = ?"));
  for (const TopicPartition& partition : partitions) {
    FOREBAY_TRY(update.Run(state.partitions.at(partition).next, partition.topic_id, partition.partition));
  }
  return Ok();
}

Result<DecidedBatch> InsertBatch(Sqlite& db, BatchId batch, const BatchProposal& proposal, int64_t now_ms) {
  const std::string contract_hash = ContractHash(proposal.contract_yaml);
  FOREBAY_ASSIGN(
      Statement contract,
      db.Prepare("INSERT INTO contracts (hash, yaml) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING"));
  FOREBAY_TRY(contract.Run(contract_hash, proposal.contract_yaml));
  FOREBAY_ASSIGN(Statement insert,
                 db.Prepare("INSERT INTO batches (batch, state, contract_hash, engine,"
                            " engine_version, decided_at_ms) VALUES (?, 'decided', ?, ?, ?, ?)"));
  FOREBAY_TRY(insert.Run(batch, contract_hash, proposal.engine, proposal.engine_version, now_ms));
  FOREBAY_ASSIGN(Statement ranges,
                 db.Prepare("INSERT INTO ranges (batch, topic_id, kafka_partition, from_offset,"
                            " to_offset, rows, quarantined, tombstones, max_event_time_us,"
                            " last_kafka_timestamp_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  for (const BatchRange& range : proposal.ranges) {
    FOREBAY_TRY(ranges.Run(batch, range.partition.topic_id, range.partition.partition, range.offsets.from,
                           range.offsets.to, range.rows, range.quarantined, range.tombstones,
                           range.max_event_time_us, range.last_kafka_timestamp_ms));
  }
  DecidedBatch decided{batch, {}};
  FOREBAY_ASSIGN(
      Statement files,
      db.Prepare("INSERT INTO files (batch, table_name, partition_dir, file_name, staged_name, rows,"
                 " bytes, checksum, position_sum, key_sum, min_event_time_us, max_event_time_us, state)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'present')"));
  for (const ProposedFile& file : proposal.files) {
    const FilePlace place = {file.table, file.partition_dir, file.file_name};
    FOREBAY_TRY(files.Run(batch, place.table, place.partition_dir, place.file_name, file.staged_name,
                          file.rows, file.bytes, file.checksum, file.position_sum, file.key_sum,
                          file.min_event_time_us, file.max_event_time_us));
    decided.files.push_back({batch, place, file, FileState::kPresent});
  }
  FOREBAY_ASSIGN(Statement counts,
                 db.Prepare("INSERT INTO quarantine_counts (batch, table_name, reason, records)"
                            " VALUES (?, ?, ?, ?)"));
  for (const QuarantineCount& count : proposal.quarantine) {
    FOREBAY_TRY(counts.Run(batch, count.table, count.reason, count.records));
  }
  return decided;
}

}  // namespace forebay
