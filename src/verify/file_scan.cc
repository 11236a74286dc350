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
  size_t topic = 0;  // of the scope
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
  void AddRows(const arrow::RecordBatch& rows, TopicRows& topic, const std::vector<uint64_t>* keys);
  void AddRejected(const arrow::RecordBatch& rows, std::map<std::string, TopicRows, std::less<>>& topics);
  TopicRows TopicRowsOf(const TopicId& topic_id) const;
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
  std::vector<TopicRows> topics_;  // finished
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

TopicRows Scan::TopicRowsOf(const TopicId& topic_id) const {
  TopicRows topic;
  for (const BatchRange& range : batch_.ranges) {
    if (range.partition.topic_id != topic_id) continue;
    const std::optional<size_t> index = context_.scope.FindPartition(range.partition);
    const int32_t partition = range.partition.partition.value();
    if (!index || partition < 0) continue;
    topic.topic = context_.scope.partitions()[*index].topic;
    if (topic.partitions.size() <= static_cast<size_t>(partition)) topic.partitions.resize(partition + 1);
    topic.partitions[static_cast<size_t>(partition)].emplace(context_.positions, *index, range.offsets,
                                                             context_.compared[*index]);
  }
  return topic;
}

Status Scan::ReadTable(RowReader& reader) {
  const Table* const table = context_.contracts.FindTable(batch_, file_.place.table);
  if (table == nullptr)
    return CorruptionError("the contract of its batch does not have table " + file_.place.table);
  TopicId topic_id;
  for (const BatchRange& range : batch_.ranges) {
    const LedgerTopic* const topic = context_.scope.FindTopic(range.partition.topic_id);
    if (topic != nullptr && topic->table == file_.place.table) topic_id = topic->id;
  }
  std::vector<std::string> columns = {std::string(kPartitionColumn), std::string(kOffsetColumn)};
  std::optional<KeyHasher> hasher;
  if (!table->primary_key.empty()) {
    FOREBAY_ASSIGN(hasher, KeyHasher::Make(*table, file_.place.partition_dir));
    columns.insert(columns.end(), hasher->columns().begin(), hasher->columns().end());
  }
  FOREBAY_TRY(reader.Select(columns));
  topics_.push_back(TopicRowsOf(topic_id));
  std::vector<uint64_t> keys;
  while (true) {
    FOREBAY_TRY(CheckStop());
    FOREBAY_ASSIGN(const std::shared_ptr<arrow::RecordBatch> rows, reader.Next());
    if (rows == nullptr) return Ok();
    if (hasher) FOREBAY_TRY(hasher->Hash(*rows, 2, &keys));
    if (rows->column(0)->type_id() != arrow::Type::INT32 ||
        rows->column(1)->type_id() != arrow::Type::INT64 ||
        rows->column(0)->null_count() + rows->column(1)->null_count() != 0) {
      return CorruptionError("the columns of partition and offset are not integers without nulls");
    }
    AddRows(*rows, topics_.front(), hasher ? &keys : nullptr);
  }
}

void Scan::AddRows(const arrow::RecordBatch& rows, TopicRows& topic, const std::vector<uint64_t>* keys) {
  const int32_t* const partitions = static_cast<const arrow::Int32Array&>(*rows.column(0)).raw_values();
  const int64_t* const offsets = static_cast<const arrow::Int64Array&>(*rows.column(1)).raw_values();
  const auto count = static_cast<size_t>(rows.num_rows());
  contents_.rows += count;
  for (size_t i = 0; i < count; ++i) {
    const Offset offset(offsets[i]);
    const uint64_t position = HashPosition(PartitionId(partitions[i]), offset);
    const uint64_t key = keys != nullptr ? (*keys)[i] : position;
    contents_.position_sum += position;
    contents_.key_sum += key;
    PartitionRows* const partition = topic.Find(partitions[i], offset);
    if (partition == nullptr) [[unlikely]]
      continue;
    ++partition->rows;
    partition->marker.Mark(offset.value());
    if (partition->IsCompared(offset)) {
      ++contents_.compared.rows;
      contents_.compared.key_sum += key;
    }
  }
}

Status Scan::ReadQuarantine(RowReader& reader) {
  FOREBAY_TRY(reader.Select(
      {std::string(kPartitionColumn), std::string(kOffsetColumn), std::string(kTopicColumn), "reason"}));
  std::map<std::string, TopicRows, std::less<>> topics;
  for (const BatchRange& range : batch_.ranges) {
    const LedgerTopic* const topic = context_.scope.FindTopic(range.partition.topic_id);
    if (topic != nullptr) topics.try_emplace(topic->topic, TopicRowsOf(topic->id));
  }
  Status status;
  while (status.ok()) {
    status = CheckStop();
    if (!status.ok()) break;
    const Result<std::shared_ptr<arrow::RecordBatch>> rows = reader.Next();
    if (!rows.ok()) status = rows.error();
    if (!rows.ok() || *rows == nullptr) break;
    const arrow::RecordBatch& batch = **rows;
    if (batch.column(0)->type_id() != arrow::Type::INT32 ||
        batch.column(1)->type_id() != arrow::Type::INT64 ||
        batch.column(2)->type_id() != arrow::Type::STRING ||
        batch.column(3)->type_id() != arrow::Type::STRING) {
      status = CorruptionError("the columns are not those of quarantine");
    } else {
      AddRejected(batch, topics);
    }
  }
  for (auto& [name, topic] : topics) topics_.push_back(std::move(topic));
  return status;
}

void Scan::AddRejected(const arrow::RecordBatch& rows,
                       std::map<std::string, TopicRows, std::less<>>& topics) {
  const auto& partitions = static_cast<const arrow::Int32Array&>(*rows.column(0));
  const auto& offsets = static_cast<const arrow::Int64Array&>(*rows.column(1));
  const auto& names = static_cast<const arrow::StringArray&>(*rows.column(2));
  const auto& reasons = static_cast<const arrow::StringArray&>(*rows.column(3));
  contents_.rows += static_cast<uint64_t>(rows.num_rows());
  for (int64_t i = 0; i < rows.num_rows(); ++i) {
    const Offset offset(offsets.Value(i));
    contents_.position_sum += HashPosition(PartitionId(partitions.Value(i)), offset);
    auto topic = topics.find(names.GetView(i));
    if (topic == topics.end()) {
      topic = topics.emplace(names.GetString(i), TopicRows()).first;
      topic->second.topic = context_.scope.topics().size();  // not a topic of the batch
    }
    PartitionRows* const partition = topic->second.Find(partitions.Value(i), offset);
    if (partition == nullptr) continue;
    ++partition->rows;
    partition->marker.Mark(offset.value());
    RejectedRecords& rejected = contents_.rejected[{topic->second.topic, reasons.GetString(i)}];
    ++rejected.records;
    rejected.compared += partition->IsCompared(offset) ? 1 : 0;
  }
}

void Scan::SumPartitions() {
  for (TopicRows& topic : topics_) {
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
