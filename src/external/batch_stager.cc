#include "external/batch_stager.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/descriptors.h"
#include "base/time.h"
#include "contract/contract_hash.h"
#include "contract/reason.h"
#include "contract/topics.h"
#include "decode/null_columns.h"
#include "decode/schema.h"
#include "decode/unknown_members.h"
#include "external/batch_decoder.h"
#include "external/coerce.h"
#include "external/file_schema.h"
#include "partition/directory.h"
#include "testhooks/failpoint.h"

namespace forebay {
namespace {

constexpr int64_t kMinMemory = 8'000'000;

// Groups rows by directory. Rows of a directory mostly come together, so that it seldom looks up a name.
class Directories {
 public:
  void Add(std::string_view name, int32_t row) {
    if (last_ == nullptr || last_->directory != name) [[unlikely]]
      last_ = &Find(name);
    last_->rows.push_back(row);
  }
  std::vector<DirectoryRows> Release() {
    std::vector<DirectoryRows> rows;
    for (auto& one : in_order_) rows.push_back(std::move(*one));
    return rows;
  }

 private:
  DirectoryRows& Find(std::string_view name) {
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) return *found->second;
    in_order_.push_back(std::make_unique<DirectoryRows>(DirectoryRows{std::string(name), {}}));
    by_name_.emplace(in_order_.back()->directory, in_order_.back().get());
    return *in_order_.back();
  }

  std::vector<std::unique_ptr<DirectoryRows>> in_order_;
  std::unordered_map<std::string_view, DirectoryRows*> by_name_;  // names live in in_order_
  DirectoryRows* last_ = nullptr;
};

// The columns whose values hardly repeat. An enum has few values, even if it is the primary key.
PlainColumns UniqueColumns(const Table& table, const arrow::Schema& schema) {
  PlainColumns plain(static_cast<size_t>(schema.num_fields()));
  for (size_t i = 0; i < table.fields.size(); ++i) {
    const int column = schema.GetFieldIndex(table.fields[i].column);
    if (column >= 0)
      plain[static_cast<size_t>(column)] = HoldsUniqueValues(table, i) && table.fields[i].enum_values.empty();
  }
  return plain;
}

int64_t MaxOpenFiles() {
  constexpr int64_t kOthers = 128;
  // Each file needs two descriptors, and the process may have other stagers.
  return std::max<int64_t>((RaiseDescriptorLimit() - kOthers) / 8, 4);
}

Result<ColumnArrays> StringsOf(const arrow::RecordBatch& batch, std::string_view name) {
  const auto schema = arrow::schema({arrow::field(std::string(name), arrow::utf8(), false)});
  return CoerceColumns(batch, *schema, "the rows");
}

// Adds the number of values of the array, a column of `node`, and of those in it.
void AddValues(const SchemaNode& node, const arrow::Array& array, FieldValues* values) {
  (*values)[node.index] += array.length() - array.null_count();
  if (const auto* object = dynamic_cast<const arrow::StructArray*>(&array)) {
    for (size_t i = 0; i < node.children.size(); ++i)
      AddValues(node.children[i], *object->field(static_cast<int>(i)), values);
  } else if (const auto* list = dynamic_cast<const arrow::ListArray*>(&array)) {
    AddValues(node.children.front(), *list->values(), values);
  }
}

// What the rows tell about the contract. `columns` are those that they give.
void CountFields(const SchemaTree& schema, const arrow::Schema& given, const ColumnArrays& columns,
                 FieldStatsManifest* fields, FieldValues* values) {
  for (const SchemaNode& field : schema.root->children) {
    const int column = given.GetFieldIndex(field.field->column);  // -1: only in the directory's name
    if (column >= 0) AddValues(field, *columns[static_cast<size_t>(column)], values);
  }
  const auto& extra = static_cast<const arrow::StringArray&>(
      *columns[static_cast<size_t>(given.GetFieldIndex(std::string(kExtraColumn)))]);
  fields->rows += extra.length();
  if (extra.null_count() == extra.length()) return;
  const std::vector<std::string> paths = FieldPaths(schema);
  const std::set<std::string> known(paths.begin() + 1, paths.end());  // without the record itself
  for (int64_t row = 0; row < extra.length(); ++row) {
    if (extra.IsValid(row)) CountExtraMembers(extra.GetView(row), known, &fields->unknown);
  }
}

}  // namespace

BatchStager::BatchStager(std::shared_ptr<const Contract> contract, std::shared_ptr<const Table> table,
                         std::unique_ptr<Lake> lake, const StagerOptions& options)
    : contract_(std::move(contract)),
      own_table_(std::move(table)),
      table_(*own_table_),
      lake_(std::move(lake)),
      options_(options),
      known_columns_(options.columns != nullptr ? options.columns : TableSchema(table_)),
      schema_(CompileSchema(table_)),
      values_(schema_.node_count) {}

BatchStager::~BatchStager() {
  if (finished_) return;
  if (rows_) rows_->Discard();
  if (rejects_) rejects_->Discard();
}

Result<std::unique_ptr<BatchStager>> BatchStager::Open(Fs& fs, std::shared_ptr<const Contract> contract,
                                                       const std::string& table, const std::string& topic,
                                                       const std::string& lake,
                                                       const StagerOptions& options) {
  FOREBAY_ASSIGN(std::shared_ptr<const Table> found, MakeTable(*contract, table, topic));
  if (options.engine.empty()) return InvalidArgumentError("a stager needs the name of its engine");
  if (options.file_bytes <= 0 || options.row_group_rows <= 0)
    return InvalidArgumentError("file_bytes and row_group_rows must be above 0");
  if (options.memory_limit < kMinMemory)
    return InvalidArgumentError(fmt::format("memory_limit must be at least {}", kMinMemory));
  if (options.columns != nullptr && !HasColumns(*options.columns, *TableSchema(*found))) {
    return InvalidArgumentError("the columns are not those of the files of table '" + table +
                                "': take the landing's file_schema");
  }
  FOREBAY_ASSIGN(auto opened, Lake::OpenForReading(fs, lake));
  return std::unique_ptr<BatchStager>(
      new BatchStager(std::move(contract), std::move(found), std::move(opened), options));
}

template <typename Function>
Status BatchStager::Guarded(Function&& function) {
  if (finished_) return InvalidArgumentError("this stager has finished; take another one");
  if (failure_) return *failure_;
  const Status status = function();
  if (!status.ok()) failure_ = status.error();
  return status;
}

Status BatchStager::AddRows(const arrow::RecordBatch& rows) {
  return Guarded([&] { return StageRows(rows); });
}
Status BatchStager::AddRejects(const arrow::RecordBatch& rejects) {
  return Guarded([&] { return StageRejects(rejects); });
}
Status BatchStager::AddTombstones(const arrow::RecordBatch& tombstones) {
  return Guarded([&] { return CountTombstones(tombstones); });
}

Status BatchStager::AddStats(const std::string& manifest) {
  return Guarded([&]() -> Status {
    FOREBAY_ASSIGN(const Manifest read, ReadManifest(manifest));
    const auto* const stats = std::get_if<PartitionStatsManifest>(&read);
    if (stats == nullptr || stats->table != table_.name)
      return InvalidArgumentError("the document is not the statistics of decoded records of table '" +
                                  table_.name + "'");
    for (const auto& [key, of] : stats->stats) {
      if (of.last_fingerprint) stats_[key].ObserveFingerprint(Offset(*of.last_offset), *of.last_fingerprint);
    }
    return Ok();
  });
}

WriteLimits BatchStager::Limits(const arrow::Schema& schema) const {
  // Writing a row group takes about three times its memory.
  return {.file_bytes = options_.file_bytes,
          .row_group_rows = std::min(options_.row_group_rows, kMaxRowGroupRows),
          .row_group_bytes = std::min(kMaxRowGroupBytes, options_.memory_limit / 6),
          .open_files =
              std::clamp<int64_t>(options_.memory_limit / 2 / OpenFileBytes(schema), 1, MaxOpenFiles())};
}

Status BatchStager::PrepareRows(const arrow::RecordBatch& rows) {
  FOREBAY_ASSIGN(const FileColumns columns, ColumnsOfFile(table_, *known_columns_, *rows.schema()));
  if (!rows_) {
    given_columns_ = columns.given;
    rows_.emplace(lake_->store(), table_.name, columns.file, UniqueColumns(table_, *columns.file),
                  TableFileSettings(*contract_, table_.name, &table_, options_.engine + " " FOREBAY_VERSION),
                  Limits(*columns.file));
    return Ok();
  }
  if (columns.given->num_fields() == given_columns_->num_fields()) return Ok();
  return InvalidArgumentError("this batch has other columns than those before it");
}

Status BatchStager::StageRows(const arrow::RecordBatch& rows) {
  FOREBAY_TRY(CheckBatchSize(rows));
  FOREBAY_TRY(PrepareRows(rows));
  FOREBAY_ASSIGN(ColumnArrays given, CoerceColumns(rows, *given_columns_, "the rows"));
  CountFields(schema_, *given_columns_, given, &fields_, &values_);
  const ColumnArrays columns =
      AddNullColumns(std::move(given), *given_columns_, *rows_->schema(), rows.num_rows());
  FOREBAY_ASSIGN(const ColumnArrays names, StringsOf(rows, kDirectoryColumn));
  const auto& directory_names = static_cast<const arrow::StringArray&>(*names.front());
  Directories grouped;
  for (int64_t row = 0; row < rows.num_rows(); ++row)
    grouped.Add(directory_names.GetView(row), static_cast<int32_t>(row));
  const std::vector<DirectoryRows> directories = grouped.Release();
  FOREBAY_ASSIGN(const RowMetadata row_metadata,
                 RowMetadata::OfRows(table_, *rows_->schema(), columns, directories));
  for (int64_t row = 0; row < row_metadata.rows(); ++row) {
    const PartitionId partition(row_metadata.partition(row));
    const std::string_view topic = row_metadata.topic(row);
    PartitionStats& stats = StatsOf(stats_, topic, partition);
    stats.ObserveOffset(Offset(row_metadata.offset(row)), row_metadata.timestamp_ms(row));
    stats.rows.Add(topic, partition, Offset(row_metadata.offset(row)));
    if (const auto time = row_metadata.event_time_us(row)) stats.AddEventTime(*time);
  }
  for (const DirectoryRows& of : directories) {
    FOREBAY_TRY(rows_->Append(of.directory, columns, row_metadata, of.rows));
    FOREBAY_TRY(MakeRoom());
  }
  return Ok();
}

bool BatchStager::HasTopic(std::string_view topic) {
  if (!table_.HasTopicColumn()) return topic == table_.topic.name;
  if (topic == known_topic_ && !topic.empty()) return true;
  if (!FindTopic(table_, topic)) return false;
  known_topic_ = topic;
  return true;
}

Status BatchStager::StageRejects(const arrow::RecordBatch& rejects) {
  FOREBAY_TRY(CheckBatchSize(rejects));
  const auto schema = QuarantineSchema();
  FOREBAY_ASSIGN(const ColumnArrays columns, CoerceColumns(rejects, *schema, "the refused records"));
  if (!rejects_) {
    PlainColumns plain(static_cast<size_t>(schema->num_fields()));
    plain[static_cast<size_t>(schema->GetFieldIndex("key"))] = true;
    plain[static_cast<size_t>(schema->GetFieldIndex("value"))] = true;
    rejects_.emplace(
        lake_->store(), std::string(kQuarantineTable), schema, std::move(plain),
        TableFileSettings(*contract_, kQuarantineTable, nullptr, options_.engine + " " FOREBAY_VERSION),
        Limits(*schema));
  }
  const RowMetadata row_metadata = RowMetadata::OfRejects(columns);
  const auto& topics = static_cast<const arrow::StringArray&>(*columns.front());
  const auto& reasons =
      static_cast<const arrow::StringArray&>(*columns[static_cast<size_t>(schema->GetFieldIndex("reason"))]);
  Directories grouped;
  for (int64_t row = 0; row < row_metadata.rows(); ++row) {
    if (!HasTopic(topics.GetView(row)))
      return InvalidArgumentError("a refused record is of topic '" + topics.GetString(row) +
                                  "', not of table '" + table_.name + "'");
    if (!ReasonFromName(reasons.GetView(row)))
      return InvalidArgumentError("a refused record has the unknown reason '" + reasons.GetString(row) + "'");
    const int64_t timestamp_ms = row_metadata.timestamp_ms(row);
    PartitionStats& stats =
        StatsOf(stats_, RowTopic(row_metadata.topic(row)), PartitionId(row_metadata.partition(row)));
    stats.ObserveOffset(Offset(row_metadata.offset(row)), timestamp_ms);
    stats.quarantined.Add({}, PartitionId(row_metadata.partition(row)), Offset(row_metadata.offset(row)));
    ++stats.reasons[reasons.GetString(row)];
    grouped.Add(DateDirectory(QuarantineDay(timestamp_ms)), static_cast<int32_t>(row));
  }
  for (const DirectoryRows& of : grouped.Release()) {
    FOREBAY_TRY(rejects_->Append(of.directory, columns, row_metadata, of.rows));
    FOREBAY_TRY(MakeRoom());
  }
  return Ok();
}

Status BatchStager::CountTombstones(const arrow::RecordBatch& tombstones) {
  FOREBAY_ASSIGN(const ColumnArrays columns, CoerceColumns(tombstones, *TombstoneSchema(), "the tombstones"));
  const RowMetadata row_metadata = RowMetadata::OfTombstones(columns);
  for (int64_t row = 0; row < row_metadata.rows(); ++row) {
    const PartitionId partition(row_metadata.partition(row));
    PartitionStats& stats = StatsOf(stats_, RowTopic(row_metadata.topic(row)), partition);
    stats.ObserveOffset(Offset(row_metadata.offset(row)), row_metadata.timestamp_ms(row));
    stats.tombstones.Add({}, partition, Offset(row_metadata.offset(row)));
  }
  return Ok();
}

int64_t BatchStager::memory_bytes() const {
  return (rejects_ ? rejects_->memory_bytes() : 0) + (rows_ ? rows_->memory_bytes() : 0);
}

Status BatchStager::MakeRoom() {
  if (memory_bytes() <= options_.memory_limit) return Ok();
  if (rejects_) FOREBAY_TRY(rejects_->ShrinkTo(options_.memory_limit / 4));
  if (rows_) FOREBAY_TRY(rows_->ShrinkTo(options_.memory_limit / 2));
  return Ok();
}

Result<std::vector<std::string>> BatchStager::Finish() {
  std::vector<std::string> manifests;
  FOREBAY_TRY(Guarded([&]() -> Status {
    if (rows_) FOREBAY_TRY(rows_->Finish());
    if (rejects_) FOREBAY_TRY(rejects_->Finish());
    FOREBAY_FAILPOINT("stage:files_synced");
    FOREBAY_TRY(lake_->store().SyncStaged());
    FOREBAY_FAILPOINT("stage:staging_synced");
    FOREBAY_ASSIGN(manifests, WriteManifests());
    return Ok();
  }));
  finished_ = true;
  return manifests;
}

Result<std::vector<std::string>> BatchStager::WriteManifests() {
  const ManifestOrigin origin{ContractHash(contract_->yaml), lake_->id(), options_.engine, FOREBAY_VERSION};
  std::vector<std::string> manifests;
  for (const auto* writer : {&rows_, &rejects_}) {
    if (!*writer) continue;
    const std::vector<AddedColumn> added = writer == &rows_
                                               ? AddedColumns(table_, *known_columns_, *rows_->schema())
                                               : std::vector<AddedColumn>();
    for (const ProposedFile& file : (*writer)->files())
      manifests.push_back(WriteManifest(FileManifest{origin, file, added}));
  }
  for (const auto& [key, stats] : stats_) {
    manifests.push_back(WriteManifest(PartitionStatsManifest{origin, table_.name, {{key, stats}}}));
  }
  if (fields_.rows > 0) {
    FieldStatsManifest fields = fields_;
    fields.origin = origin;
    fields.table = table_.name;
    for (size_t field = 0; field < values_.size(); ++field) {
      if (values_[field] == 0) fields.empty.insert(field);
    }
    manifests.push_back(WriteManifest(fields));
  }
  return manifests;
}

}  // namespace forebay
