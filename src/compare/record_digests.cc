#include "compare/record_digests.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <map>
#include <string>
#include <utility>

#include "contract/field_place.h"
#include "decode/record.h"
#include "decode/schema.h"
#include "partition/directory.h"
#include "read/array_hash.h"
#include "read/row_reader.h"
#include "store/paths.h"

namespace forebay {
namespace {

using Arrays = std::vector<std::shared_ptr<arrow::Array>>;

// The columns of quarantine that do not depend on the version of Forebay that wrote them.
arrow::FieldVector ComparedColumnsOfQuarantine() {
  const std::shared_ptr<arrow::Schema> schema = QuarantineSchema();
  arrow::FieldVector columns;
  for (const std::string_view name :
       {kTimestampColumn, std::string_view("key"), std::string_view("value"), std::string_view("reason")})
    columns.push_back(schema->GetFieldByName(std::string(name)));
  return columns;
}

// A file may have more members in its objects than the contract: those of earlier ones.
Status HashColumns(const Arrays& columns, const arrow::FieldVector& fields, std::vector<RowHasher>* hashers) {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!AddToHashes(*columns[i], *fields[i]->type(), hashers))
      return CorruptionError("column " + fields[i]->name() + " has the type " +
                             columns[i]->type()->ToString());
  }
  return Ok();
}

// The positions of a batch of rows, whose first columns these are.
struct Positions {
  const arrow::Int32Array* partitions;
  const arrow::Int64Array* offsets;
  const arrow::TimestampArray* timestamps;
  bool timed_only;

  static Result<Positions> Of(const arrow::RecordBatch& rows, bool timed_only) {
    const Positions found{
        dynamic_cast<const arrow::Int32Array*>(rows.column(0).get()),
        dynamic_cast<const arrow::Int64Array*>(rows.column(1).get()),
        dynamic_cast<const arrow::TimestampArray*>(rows.GetColumnByName(std::string(kTimestampColumn)).get()),
        timed_only};
    if (found.partitions == nullptr || found.offsets == nullptr)
      return CorruptionError("the columns of partition and offset are not integers");
    if (found.timestamps == nullptr)
      return CorruptionError("the column of Kafka timestamps has no timestamps");
    return found;
  }

  bool IsLeftOut(int64_t row) const {
    return timed_only && (timestamps->IsNull(row) || !IsUsableKafkaTimestamp(timestamps->Value(row) / 1000));
  }
};

// What is compared of the directory of a table's rows.
std::string ComparedDirectory(const Table& table, DigestScope scope, const std::string& directory) {
  return scope == DigestScope::kAllValues ? WithoutLevels(directory, table.ZonedLevels()) : std::string();
}

// The column of topics, behind those of partitions and offsets.
Result<const arrow::StringArray*> TopicsOf(const arrow::RecordBatch& rows) {
  const auto* const topics = dynamic_cast<const arrow::StringArray*>(rows.column(2).get());
  if (topics == nullptr) return CorruptionError("the column of topics has no texts");
  return topics;
}

// `directory`: ComparedDirectory. `has_topics`: the rows are of a table of several topics. `compared`: the
// columns behind the position's.
Status AddTableRows(const arrow::RecordBatch& rows, const arrow::FieldVector& compared, const BatchLogs& logs,
                    const std::string& table, bool has_topics, const std::string& directory, bool timed_only,
                    LogDigests* digests) {
  FOREBAY_ASSIGN(const Positions positions, Positions::Of(rows, timed_only));
  const arrow::StringArray* topics = nullptr;
  if (has_topics) {
    FOREBAY_ASSIGN(topics, TopicsOf(rows));
  }
  std::vector<RowHasher> hashers(static_cast<size_t>(rows.num_rows()));
  for (RowHasher& hasher : hashers) hasher.AddBytes(directory);
  const std::vector<std::shared_ptr<arrow::Array>> columns(rows.columns().begin() + (has_topics ? 3 : 2),
                                                           rows.columns().end());
  FOREBAY_TRY(HashColumns(columns, compared, &hashers));
  for (int64_t i = 0; i < rows.num_rows(); ++i) {
    const PartitionId partition(positions.partitions->Value(i));
    const auto* const log =
        has_topics ? logs.FindByTopic(topics->GetView(i), partition) : logs.FindByTable(table, partition);
    if (log == nullptr || positions.IsLeftOut(i)) continue;  // the scan reports a foreign log
    (*digests)[*log].push_back(
        {Offset(positions.offsets->Value(i)), hashers[static_cast<size_t>(i)].Finish()});
  }
  return Ok();
}

// `compared`: the columns behind partition, offset and topic.
Status AddRefusedRows(const arrow::RecordBatch& rows, const arrow::FieldVector& compared,
                      const BatchLogs& logs, bool timed_only, LogDigests* digests) {
  FOREBAY_ASSIGN(const Positions positions, Positions::Of(rows, timed_only));
  FOREBAY_ASSIGN(const arrow::StringArray* const topics, TopicsOf(rows));
  std::vector<RowHasher> hashers(static_cast<size_t>(rows.num_rows()));
  FOREBAY_TRY(HashColumns({rows.columns().begin() + 3, rows.columns().end()}, compared, &hashers));
  for (int64_t i = 0; i < rows.num_rows(); ++i) {
    const auto* const log = logs.FindByTopic(topics->GetView(i), PartitionId(positions.partitions->Value(i)));
    if (log == nullptr || positions.IsLeftOut(i)) continue;
    (*digests)[*log].push_back(
        {Offset(positions.offsets->Value(i)), hashers[static_cast<size_t>(i)].Finish()});
  }
  return Ok();
}

// The columns whose values are compared.
arrow::FieldVector ComparedColumnsOf(const Table& table, DigestScope scope) {
  const std::shared_ptr<arrow::Schema> schema = TableSchema(table);
  arrow::FieldVector columns;
  if (scope == DigestScope::kOrigin) {
    columns.push_back(schema->GetFieldByName(std::string(kTimestampColumn)));
    for (const FieldPlace& place : table.primary_key) {
      // An object around a part of the key has other members, too, which need not be compared.
      if (place.size() == 1 && !table.InPathOnly(place))
        columns.push_back(schema->GetFieldByName(FieldAt(table, place).column));
    }
    return columns;
  }
  for (const auto& field : schema->fields()) {
    const bool is_position = field->name() == kPartitionColumn || field->name() == kOffsetColumn ||
                             (table.HasTopicColumn() && field->name() == kTopicColumn);
    if (!is_position) columns.push_back(field);
  }
  return columns;
}

Arrays Columns(const ColumnBlock& block, const arrow::FieldVector& fields) {
  const Arrays all = block.Arrays();
  Arrays columns;
  for (const auto& field : fields)
    columns.push_back(all[static_cast<size_t>(block.schema()->GetFieldIndex(field->name()))]);
  return columns;
}

}  // namespace

BatchLogs::BatchLogs(const LedgerBatch& batch, const std::map<TopicId, const LedgerTopic*>& topics) {
  for (const BatchRange& range : batch.ranges) {
    const auto topic = topics.find(range.partition.topic_id);
    if (topic == topics.end()) continue;
    by_table_[topic->second->table].emplace(range.partition.partition, range.partition);
    by_topic_[topic->second->topic].emplace(range.partition.partition, range.partition);
  }
}

const TopicPartition* BatchLogs::Find(const Logs& logs, std::string_view name, PartitionId partition) {
  const auto of_name = logs.find(name);
  if (of_name == logs.end()) return nullptr;
  const auto log = of_name->second.find(partition);
  return log == of_name->second.end() ? nullptr : &log->second;
}

const TopicPartition* BatchLogs::FindByTable(std::string_view table, PartitionId partition) const {
  return Find(by_table_, table, partition);
}

const TopicPartition* BatchLogs::FindByTopic(std::string_view topic, PartitionId partition) const {
  return Find(by_topic_, topic, partition);
}

Result<bool> AddFileDigests(TableStore& store, const BatchLogs& logs, const Table* table,
                            const DigestOptions& options, const FilePlace& place, LogDigests* digests) {
  const bool is_quarantine = place.table == kQuarantineTable;
  FOREBAY_ASSERT(is_quarantine || table != nullptr);
  FOREBAY_ASSIGN(const std::unique_ptr<RowReader> reader, RowReader::Open(store, place));
  if (reader == nullptr) return false;
  std::vector<std::string> columns = {std::string(kPartitionColumn), std::string(kOffsetColumn)};
  const bool has_topics = is_quarantine || table->HasTopicColumn();
  if (has_topics) columns.emplace_back(kTopicColumn);
  const arrow::FieldVector compared =
      is_quarantine ? ComparedColumnsOfQuarantine() : ComparedColumnsOf(*table, options.scope);
  for (const auto& field : compared) columns.push_back(field->name());
  FOREBAY_TRY(reader->Select(columns));
  const std::string directory =
      is_quarantine ? std::string() : ComparedDirectory(*table, options.scope, place.partition_dir);
  while (true) {
    FOREBAY_ASSIGN(const std::shared_ptr<arrow::RecordBatch> rows, reader->Next());
    if (rows == nullptr) return true;
    FOREBAY_TRY(is_quarantine ? AddRefusedRows(*rows, compared, logs, options.timed_only, digests)
                              : AddTableRows(*rows, compared, logs, place.table, has_topics, directory,
                                             options.timed_only, digests));
  }
}

RecordDigester::RecordDigester(std::unique_ptr<RecordDecoder> decoder, DigestScope scope)
    : decoder_(std::move(decoder)),
      scope_(scope),
      run_(decoder_->schema()),
      rows_(decoder_->schema(), TableSchema(decoder_->table()), BlockStrings::kPlain),
      refused_(QuarantineSchema(), BlockStrings::kPlain) {}

Result<std::unique_ptr<RecordDigester>> RecordDigester::Create(const Table& table, DigestScope scope) {
  FOREBAY_ASSIGN(auto decoder, RecordDecoder::Create(table));
  return std::unique_ptr<RecordDigester>(new RecordDigester(std::move(decoder), scope));
}

Result<Outcome> RecordDigester::Add(const TopicPartition& log, const RecordView& record, int64_t now_ms) {
  FOREBAY_ASSIGN(const Outcome outcome, decoder_->Decode(record, now_ms, &run_));
  if (outcome == Outcome::kRow) {
    pending_rows_.push_back({log, record.offset});
    directories_.push_back(decoder_->partition());
    if (run_.full()) {
      rows_.Append(run_);
      run_.Clear();
    }
  } else if (outcome == Outcome::kReject) {
    refused_.Append(decoder_->table().topic.name, record, decoder_->rejection(), "");
    pending_refused_.push_back({log, record.offset});
  }
  return outcome;
}

Status RecordDigester::Flush(LogDigests* digests) {
  FOREBAY_TRY(FlushRows(digests));
  return FlushRefused(digests);
}

Status RecordDigester::FlushRows(LogDigests* digests) {
  if (pending_rows_.empty()) return Ok();
  rows_.Append(run_);
  run_.Clear();
  std::vector<RowHasher> hashers(pending_rows_.size());
  std::map<uint32_t, std::string> compared_directories;
  for (size_t i = 0; i < hashers.size(); ++i) {
    const auto [known, is_new] = compared_directories.try_emplace(directories_[i]);
    if (is_new) {
      known->second =
          ComparedDirectory(decoder_->table(), scope_, decoder_->partitions().directory(directories_[i]));
    }
    hashers[i].AddBytes(known->second);
  }
  const arrow::FieldVector compared = ComparedColumnsOf(decoder_->table(), scope_);
  FOREBAY_TRY(HashColumns(Columns(rows_, compared), compared, &hashers));
  for (size_t i = 0; i < hashers.size(); ++i)
    (*digests)[pending_rows_[i].log].push_back({pending_rows_[i].offset, hashers[i].Finish()});
  pending_rows_.clear();
  directories_.clear();
  rows_.Clear();
  decoder_->partitions().Clear();
  return Ok();
}

Status RecordDigester::FlushRefused(LogDigests* digests) {
  if (pending_refused_.empty()) return Ok();
  std::vector<RowHasher> hashers(pending_refused_.size());
  const arrow::FieldVector compared = ComparedColumnsOfQuarantine();
  FOREBAY_TRY(HashColumns(Columns(refused_, compared), compared, &hashers));
  for (size_t i = 0; i < hashers.size(); ++i)
    (*digests)[pending_refused_[i].log].push_back({pending_refused_[i].offset, hashers[i].Finish()});
  pending_refused_.clear();
  refused_.Clear();
  return Ok();
}

}  // namespace forebay
