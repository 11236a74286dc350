#include "verify/file_scan.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/parallel.h"
#include "decode/schema.h"
#include "read/key_hasher.h"
#include "read/row_reader.h"

namespace forebay {
namespace {

constexpr size_t kMaxRunsListed = 5;  // runs of a file that are listed individually

// The state of a scan for one Kafka partition that the file's batch landed.
struct PartitionRows {
  PartitionRows(PositionMap& positions, size_t scope_index, OffsetRange range,
                const OffsetSet& compared_offsets)
      : index(scope_index), offsets(range), compared(&compared_offsets), marker(positions, scope_index) {}

  // Whether receipts name the row. Offsets ascend, so the run is nearly always that of the previous row.
  bool IsCompared(Offset offset) {
    if (run < compared->size() && (*compared)[run].from <= offset && offset < (*compared)[run].to) [[likely]]
      return true;
    const auto after = std::upper_bound(compared->begin(), compared->end(), offset,
                                        [](Offset at, const OffsetRange& range) { return at < range.to; });
    run = static_cast<size_t>(after - compared->begin());
    return after != compared->end() && after->from <= offset;
  }

  size_t index;
  OffsetRange offsets;
  const OffsetSet* compared;
  size_t run = 0;
  PositionMarker marker;
  uint64_t rows = 0;
};

// The partitions of one topic that a batch landed, indexed by their number.
struct TopicRows {
  size_t topic = 0;       // of the scope
  std::string row_topic;  // as RecordView::topic
  KeyedRows compared;     // that receipts name
  std::vector<std::optional<PartitionRows>> partitions;
  std::map<int32_t, std::vector<OffsetRange>> outside;

  PartitionRows* Find(int32_t partition, Offset offset) {
    if (partition >= 0 && static_cast<size_t>(partition) < partitions.size()) [[likely]] {
      auto& known = partitions[static_cast<size_t>(partition)];
      if (known && known->offsets.from <= offset && offset < known->offsets.to) [[likely]]
        return &*known;
    }
    AppendOffset(outside[partition], offset);
    return nullptr;
  }
};

using TopicsByName = std::map<std::string, TopicRows, std::less<>>;

class Scan {
 public:
  Scan(const ScanContext& context, const FileToRead& task)
      : context_(context), batch_(*task.batch), file_(*task.file) {}

  Result<FileScan> Run() {
    FOREBAY_ASSIGN(const bool exists, CheckContent());
    if (!exists) return FileScan{{}, VanishedFile()};
    const Result<bool> read = ReadRows();
    if (read.ok() && !*read) return FileScan{{}, VanishedFile()};
    if (!read.ok() && read.error().code() == ErrorCode::kCancelled) return read.error();
    SumPartitions();
    if (!read.ok()) {
      Add(FindingKind::kUnreadableFile).detail = read.error().message();
      return FileScan{std::move(contents_), DamagedScan{std::move(findings_)}};
    }
    CompareTotals();
    return FileScan{std::move(contents_), CompleteScan{std::move(findings_)}};
  }

 private:
  Finding& Add(FindingKind kind) {
    findings_.push_back(FileFinding(kind, file_));
    return findings_.back();
  }
  template <typename Value>
  void Expect(FindingKind kind, Value expected, Value found, const char* format) {
    if (expected == found) return;
    Finding& finding = Add(kind);
    finding.expected = fmt::format(fmt::runtime(format), expected);
    finding.found = fmt::format(fmt::runtime(format), found);
  }

  // Both return false if the file does not exist.
  Result<bool> CheckContent();
  Result<bool> ReadRows();
  Status ReadTable(RowReader& reader);
  Status ReadQuarantine(RowReader& reader);
  // `names`: the topics of the rows; null where `topics` has only the table's one, whose name is then empty.
  void AddRows(const arrow::RecordBatch& rows, const arrow::StringArray* names,
               const std::vector<uint64_t>* keys);
  void AddRejected(const arrow::RecordBatch& rows);
  // The topics of the file's table that the batch landed, or of all tables. `has_topics`: by name.
  void FindTopics(bool has_topics);
  TopicRows& TopicOf(std::string_view name);
  void SumPartitions();
  void AddOutside(const TopicRows& topic);
  void CompareTotals();
  Status CheckStop() const {
    if (context_.stop == nullptr || !context_.stop->load(std::memory_order_relaxed)) return Ok();
    return CancelledError("audit cancelled");
  }

  const ScanContext& context_;
  const LedgerBatch& batch_;
  const LedgerFile& file_;
  TopicsByName topics_;
  FileContents contents_;
  std::vector<Finding> findings_;
};

Result<bool> Scan::CheckContent() {
  const auto content = SummarizeFile(context_.lake.store(), file_.place);
  if (!content.ok()) {
    Add(FindingKind::kUnreadableFile).detail = content.error().message();
    return true;
  }
  if (!*content) return false;
  contents_.bytes = (*content)->bytes;
  Expect(FindingKind::kSizeMismatch, static_cast<uint64_t>(file_.file.bytes), contents_.bytes, "{} bytes");
  if (findings_.empty())
    Expect(FindingKind::kChecksumMismatch, file_.file.checksum, (*content)->checksum, "{:016x}");
  FOREBAY_TRY(CheckStop());
  return true;
}

Result<bool> Scan::ReadRows() {
  FOREBAY_ASSIGN(const std::unique_ptr<RowReader> reader,
                 RowReader::Open(context_.lake.store(), file_.place));
  if (reader == nullptr) return false;
  FOREBAY_TRY(file_.place.table == kQuarantineTable ? ReadQuarantine(*reader) : ReadTable(*reader));
  return true;
}

void Scan::FindTopics(bool has_topics) {
  const bool is_quarantine = file_.place.table == kQuarantineTable;
  for (const BatchRange& range : batch_.ranges) {
    const LedgerTopic* const known = context_.scope.FindTopic(range.partition.topic_id);
    if (known == nullptr || (!is_quarantine && known->table != file_.place.table)) continue;
    const std::optional<size_t> index = context_.scope.FindPartition(range.partition);
    const int32_t partition = range.partition.partition.value();
    if (!index || partition < 0) continue;
    TopicRows& topic = topics_[has_topics ? known->topic : ""];
    topic.topic = context_.scope.partitions()[*index].topic;
    if (!is_quarantine && has_topics) topic.row_topic = known->topic;
    if (topic.partitions.size() <= static_cast<size_t>(partition)) topic.partitions.resize(partition + 1);
    topic.partitions[static_cast<size_t>(partition)].emplace(context_.positions, *index, range.offsets,
                                                             context_.compared[*index]);
  }
}

TopicRows& Scan::TopicOf(std::string_view name) {
  const auto known = topics_.find(name);
  if (known != topics_.end()) return known->second;
  TopicRows& topic = topics_[std::string(name)];
  topic.topic = context_.scope.topics().size();  // not a topic of the batch
  topic.row_topic = name;
  return topic;
}

Status Scan::ReadTable(RowReader& reader) {
  const Table* const table = context_.contracts.FindTable(batch_, file_.place.table);
  if (table == nullptr)
    return CorruptionError("the contract of its batch does not have table " + file_.place.table);
  const bool has_topics = table->HasTopicColumn();
  std::vector<std::string> columns = {std::string(kPartitionColumn), std::string(kOffsetColumn)};
  if (has_topics) columns.emplace_back(kTopicColumn);
  const size_t keys_begin = columns.size();
  std::optional<KeyHasher> hasher;
  if (!table->primary_key.empty()) {
    FOREBAY_ASSIGN(hasher, KeyHasher::Make(*table, file_.place.partition_dir));
    columns.insert(columns.end(), hasher->columns().begin(), hasher->columns().end());
  }
  FOREBAY_TRY(reader.Select(columns));
  FindTopics(has_topics);
  std::vector<uint64_t> keys;
  while (true) {
    FOREBAY_TRY(CheckStop());
    FOREBAY_ASSIGN(const std::shared_ptr<arrow::RecordBatch> rows, reader.Next());
    if (rows == nullptr) return Ok();
    if (hasher) FOREBAY_TRY(hasher->Hash(*rows, static_cast<int>(keys_begin), &keys));
    if (rows->column(0)->type_id() != arrow::Type::INT32 ||
        rows->column(1)->type_id() != arrow::Type::INT64 ||
        rows->column(0)->null_count() + rows->column(1)->null_count() != 0) {
      return CorruptionError("the columns of partition and offset are not integers without nulls");
    }
    const auto* const names =
        has_topics ? dynamic_cast<const arrow::StringArray*>(rows->column(2).get()) : nullptr;
    if (has_topics && (names == nullptr || names->null_count() != 0))
      return CorruptionError("the column of topics has other values than texts");
    AddRows(*rows, names, hasher ? &keys : nullptr);
  }
}

void Scan::AddRows(const arrow::RecordBatch& rows, const arrow::StringArray* names,
                   const std::vector<uint64_t>* keys) {
  const int32_t* const partitions = static_cast<const arrow::Int32Array&>(*rows.column(0)).raw_values();
  const int64_t* const offsets = static_cast<const arrow::Int64Array&>(*rows.column(1)).raw_values();
  const auto count = static_cast<size_t>(rows.num_rows());
  contents_.rows += count;
  TopicRows* topic = names == nullptr ? &TopicOf("") : nullptr;
  for (size_t i = 0; i < count; ++i) {
    if (names != nullptr) {  // rows of one topic mostly come together
      const std::string_view name = names->GetView(static_cast<int64_t>(i));
      if (topic == nullptr || topic->row_topic != name) topic = &TopicOf(name);
    }
    const Offset offset(offsets[i]);
    const uint64_t position = HashPosition(topic->row_topic, PartitionId(partitions[i]), offset);
    const uint64_t key = keys != nullptr ? (*keys)[i] : position;
    contents_.position_sum += position;
    contents_.key_sum += key;
    PartitionRows* const partition = topic->Find(partitions[i], offset);
    if (partition == nullptr) [[unlikely]]
      continue;
    ++partition->rows;
    partition->marker.Mark(offset.value());
    if (partition->IsCompared(offset)) {
      ++topic->compared.rows;
      topic->compared.key_sum += key;
    }
  }
}

Status Scan::ReadQuarantine(RowReader& reader) {
  FOREBAY_TRY(reader.Select(
      {std::string(kPartitionColumn), std::string(kOffsetColumn), std::string(kTopicColumn), "reason"}));
  FindTopics(true);
  while (true) {
    FOREBAY_TRY(CheckStop());
    FOREBAY_ASSIGN(const std::shared_ptr<arrow::RecordBatch> rows, reader.Next());
    if (rows == nullptr) return Ok();
    if (rows->column(0)->type_id() != arrow::Type::INT32 ||
        rows->column(1)->type_id() != arrow::Type::INT64 ||
        rows->column(2)->type_id() != arrow::Type::STRING ||
        rows->column(3)->type_id() != arrow::Type::STRING) {
      return CorruptionError("the columns are not those of quarantine");
    }
    AddRejected(*rows);
  }
}

void Scan::AddRejected(const arrow::RecordBatch& rows) {
  const auto& partitions = static_cast<const arrow::Int32Array&>(*rows.column(0));
  const auto& offsets = static_cast<const arrow::Int64Array&>(*rows.column(1));
  const auto& names = static_cast<const arrow::StringArray&>(*rows.column(2));
  const auto& reasons = static_cast<const arrow::StringArray&>(*rows.column(3));
  contents_.rows += static_cast<uint64_t>(rows.num_rows());
  for (int64_t i = 0; i < rows.num_rows(); ++i) {
    const Offset offset(offsets.Value(i));
    contents_.position_sum += HashPosition(PartitionId(partitions.Value(i)), offset);
    TopicRows& topic = TopicOf(names.GetView(i));
    PartitionRows* const partition = topic.Find(partitions.Value(i), offset);
    if (partition == nullptr) continue;
    ++partition->rows;
    partition->marker.Mark(offset.value());
    RejectedRecords& rejected = contents_.rejected[{topic.topic, reasons.GetString(i)}];
    ++rejected.records;
    rejected.compared += partition->IsCompared(offset) ? 1 : 0;
  }
}

void Scan::SumPartitions() {
  for (auto& [name, topic] : topics_) {
    if (topic.compared.rows != 0) contents_.compared[topic.topic] = topic.compared;
    for (std::optional<PartitionRows>& partition : topic.partitions) {
      if (!partition) continue;
      partition->marker.Flush();
      if (partition->rows != 0) contents_.rows_by_partition[partition->index] += partition->rows;
      if (!partition->marker.duplicates().empty()) {
        contents_.duplicates[partition->index] = Normalized(partition->marker.duplicates());
      }
    }
    AddOutside(topic);
  }
}

void Scan::AddOutside(const TopicRows& topic) {
  for (const auto& [partition, offsets] : topic.outside) {
    const OffsetSet runs = Normalized(offsets);
    for (size_t i = 0; i < std::min(runs.size(), kMaxRunsListed); ++i) {
      Finding& finding = Add(FindingKind::kRowOutsideRanges);
      finding.partition = PartitionId(partition);
      finding.offsets = runs[i];
      if (topic.topic < context_.scope.topics().size())
        finding.topic = context_.scope.topics()[topic.topic].topic;
      finding.detail = "outside its batch's ranges";
      if (i + 1 == kMaxRunsListed && runs.size() > kMaxRunsListed) {
        finding.detail +=
            fmt::format(", as are {} more rows of the partition",
                        CountOffsets(runs) - CountOffsets({runs.begin(), runs.begin() + kMaxRunsListed}));
      }
    }
  }
}

void Scan::CompareTotals() {
  Expect(FindingKind::kRowCountMismatch, static_cast<uint64_t>(file_.file.rows), contents_.rows, "{} rows");
  Expect(FindingKind::kPositionSumMismatch, file_.file.position_sum, contents_.position_sum,
         "{:016x} as the sum over partition and offset");
  if (file_.place.table == kQuarantineTable) return;
  Expect(FindingKind::kKeySumMismatch, file_.file.key_sum, contents_.key_sum,
         "{:016x} as the sum over primary keys");
}

}  // namespace

const std::vector<Finding>& FindingsOf(const FileScan& scan) {
  static const std::vector<Finding> kNone;
  if (const auto* const complete = std::get_if<CompleteScan>(&scan.outcome)) return complete->findings;
  if (const auto* const damaged = std::get_if<DamagedScan>(&scan.outcome)) return damaged->findings;
  return kNone;
}

Result<FileScan> ScanFile(const ScanContext& context, const FileToRead& file) {
  return Scan(context, file).Run();
}

Result<std::vector<FileScan>> ScanFiles(const ScanContext& context, const std::vector<FileToRead>& files,
                                        int threads,
                                        const std::function<void(uint64_t done, uint64_t all)>& progress) {
  const auto rows_of = [&files](size_t i) { return static_cast<uint64_t>(files[i].file->file.rows); };
  uint64_t all = 0;
  std::vector<size_t> order(files.size());
  for (size_t i = 0; i < files.size(); ++i) {
    order[i] = i;
    all += rows_of(i);
  }
  // The largest first, so that all threads finish at about the same time.
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return rows_of(a) > rows_of(b); });
  std::vector<FileScan> scans(files.size());
  std::atomic<uint64_t> done{0};
  FOREBAY_TRY(ParallelFor(threads, files.size(), [&](size_t i) -> Status {
    FOREBAY_ASSIGN(scans[order[i]], ScanFile(context, files[order[i]]));
    const uint64_t rows = rows_of(order[i]);
    const uint64_t so_far = done.fetch_add(rows) + rows;
    if (progress) progress(so_far, all);
    return Ok();
  }));
  return scans;
}

}  // namespace forebay
