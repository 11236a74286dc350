#include "verify/file_scan.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "decode/schema.h"
#include "read/key_hasher.h"
#include "read/row_reader.h"

namespace forebay {
namespace {

constexpr size_t kMaxRunsListed = 5;  // runs of a file that are listed individually

// The state of a scan for one Kafka partition that the file's batch landed.
struct PartitionRows {
  PartitionRows(PositionMap& positions, size_t scope_index, OffsetRange range,
                const OffsetSet& counted_offsets)
      : index(scope_index), offsets(range), counted(&counted_offsets), marker(positions, scope_index) {}

  // Whether receipts name the row. Offsets ascend, so the run is nearly always that of the previous row.
  bool IsCounted(Offset offset) {
    if (run < counted->size() && (*counted)[run].from <= offset && offset < (*counted)[run].to) [[likely]]
      return true;
    const auto behind = std::upper_bound(counted->begin(), counted->end(), offset,
                                         [](Offset at, const OffsetRange& range) { return at < range.to; });
    run = static_cast<size_t>(behind - counted->begin());
    return behind != counted->end() && behind->from <= offset;
  }

  size_t index;
  OffsetRange offsets;
  const OffsetSet* counted;
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
    FOREBAY_TRY(CheckContent());
    if (scan_.vanished) return std::move(scan_);
    const Status read = ReadRows();
    if (!read.ok() && read.error().code() == ErrorCode::kCancelled) return read.error();
    Settle();
    if (!read.ok()) {
      Add(FindingKind::kUnreadableFile).detail = read.error().message();
    } else if (!scan_.vanished) {
      scan_.complete = true;
      CompareTotals();
    }
    return std::move(scan_);
  }

 private:
  Finding& Add(FindingKind kind) {
    scan_.findings.push_back(FileFinding(kind, file_));
    return scan_.findings.back();
  }
  template <typename Value>
  void Expect(FindingKind kind, Value expected, Value found, const char* format) {
    if (expected == found) return;
    Finding& finding = Add(kind);
    finding.expected = fmt::format(fmt::runtime(format), expected);
    finding.found = fmt::format(fmt::runtime(format), found);
  }

  Status CheckContent();
  Status ReadRows();
  Status ReadTable(RowReader& reader);
  Status ReadQuarantine(RowReader& reader);
  void TakeRows(const arrow::RecordBatch& rows, TopicRows& topic, const std::vector<uint64_t>* keys);
  void TakeRefused(const arrow::RecordBatch& rows, std::map<std::string, TopicRows, std::less<>>& topics);
  TopicRows TopicRowsOf(const TopicId& topic_id) const;
  void Settle();
  void AddOutside(const TopicRows& topic);
  void CompareTotals();
  Status CheckStop() const {
    if (context_.stop == nullptr || !context_.stop->load(std::memory_order_relaxed)) return Ok();
    return CancelledError("the audit was stopped");
  }

  const ScanContext& context_;
  const LedgerBatch& batch_;
  const LedgerFile& file_;
  std::vector<TopicRows> topics_;  // finished
  FileScan scan_;
};

Status Scan::CheckContent() {
  const auto content = SummarizeFile(context_.lake.store(), file_.place);
  if (!content.ok()) {
    Add(FindingKind::kUnreadableFile).detail = content.error().message();
    return Ok();
  }
  if (!*content) {
    scan_.vanished = true;
    return Ok();
  }
  scan_.bytes = (*content)->bytes;
  Expect(FindingKind::kWrongSize, static_cast<uint64_t>(file_.file.bytes), (*content)->bytes, "{} bytes");
  if (scan_.findings.empty())
    Expect(FindingKind::kWrongChecksum, file_.file.checksum, (*content)->checksum, "{:016x}");
  return CheckStop();
}

Status Scan::ReadRows() {
  FOREBAY_ASSIGN(const std::unique_ptr<RowReader> reader,
                 RowReader::Open(context_.lake.store(), file_.place));
  if (reader == nullptr) {
    scan_.vanished = true;
    return Ok();
  }
  return file_.place.table == kQuarantineTable ? ReadQuarantine(*reader) : ReadTable(*reader);
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
                                                             context_.counted[*index]);
  }
  return topic;
}

Status Scan::ReadTable(RowReader& reader) {
  const Table* const table = context_.contracts.FindTable(batch_, file_.place.table);
  if (table == nullptr) return CorruptionError("the contract of its batch does not have its table");
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
      return CorruptionError("its columns of partitions and offsets are not whole numbers");
    }
    TakeRows(*rows, topics_.front(), hasher ? &keys : nullptr);
  }
}

void Scan::TakeRows(const arrow::RecordBatch& rows, TopicRows& topic, const std::vector<uint64_t>* keys) {
  const int32_t* const partitions = static_cast<const arrow::Int32Array&>(*rows.column(0)).raw_values();
  const int64_t* const offsets = static_cast<const arrow::Int64Array&>(*rows.column(1)).raw_values();
  const auto count = static_cast<size_t>(rows.num_rows());
  scan_.rows += count;
  for (size_t i = 0; i < count; ++i) {
    const Offset offset(offsets[i]);
    const uint64_t position = HashPosition(PartitionId(partitions[i]), offset);
    const uint64_t key = keys != nullptr ? (*keys)[i] : position;
    scan_.position_sum += position;
    scan_.key_sum += key;
    PartitionRows* const partition = topic.Find(partitions[i], offset);
    if (partition == nullptr) [[unlikely]]
      continue;
    ++partition->rows;
    partition->marker.Mark(offset.value());
    if (partition->IsCounted(offset)) {
      ++scan_.counted.rows;
      scan_.counted.key_sum += key;
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
      status = CorruptionError("its columns are not those of quarantine");
    } else {
      TakeRefused(batch, topics);
    }
  }
  for (auto& [name, topic] : topics) topics_.push_back(std::move(topic));
  return status;
}

void Scan::TakeRefused(const arrow::RecordBatch& rows,
                       std::map<std::string, TopicRows, std::less<>>& topics) {
  const auto& partitions = static_cast<const arrow::Int32Array&>(*rows.column(0));
  const auto& offsets = static_cast<const arrow::Int64Array&>(*rows.column(1));
  const auto& names = static_cast<const arrow::StringArray&>(*rows.column(2));
  const auto& reasons = static_cast<const arrow::StringArray&>(*rows.column(3));
  scan_.rows += static_cast<uint64_t>(rows.num_rows());
  for (int64_t i = 0; i < rows.num_rows(); ++i) {
    const Offset offset(offsets.Value(i));
    scan_.position_sum += HashPosition(PartitionId(partitions.Value(i)), offset);
    auto topic = topics.find(names.GetView(i));
    if (topic == topics.end()) {
      topic = topics.emplace(names.GetString(i), TopicRows()).first;
      topic->second.topic = context_.scope.topics().size();  // not a topic of the batch
    }
    PartitionRows* const partition = topic->second.Find(partitions.Value(i), offset);
    if (partition == nullptr) continue;
    ++partition->rows;
    partition->marker.Mark(offset.value());
    RefusedRows& refused = scan_.refused[{topic->second.topic, reasons.GetString(i)}];
    ++refused.records;
    refused.counted += partition->IsCounted(offset) ? 1 : 0;
  }
}

// Adds up the counts of the rows' partitions.
void Scan::Settle() {
  for (TopicRows& topic : topics_) {
    for (std::optional<PartitionRows>& partition : topic.partitions) {
      if (!partition) continue;
      partition->marker.Flush();
      if (partition->rows != 0) scan_.rows_by_partition[partition->index] += partition->rows;
      if (!partition->marker.doubled().empty()) {
        scan_.doubled[partition->index] = Normalized(partition->marker.doubled());
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
      finding.detail = "its batch did not land these";
      if (i + 1 == kMaxRunsListed && runs.size() > kMaxRunsListed) {
        finding.detail +=
            fmt::format(", nor {} more of the partition's rows",
                        CountOffsets(runs) - CountOffsets({runs.begin(), runs.begin() + kMaxRunsListed}));
      }
    }
  }
}

void Scan::CompareTotals() {
  Expect(FindingKind::kWrongRowCount, static_cast<uint64_t>(file_.file.rows), scan_.rows, "{} rows");
  Expect(FindingKind::kWrongPositionSum, file_.file.position_sum, scan_.position_sum,
         "{:016x} as the sum over partition and offset");
  if (file_.place.table == kQuarantineTable) return;
  Expect(FindingKind::kWrongKeySum, file_.file.key_sum, scan_.key_sum,
         "{:016x} as the sum over primary keys");
}

}  // namespace

Contracts::Contracts(const LedgerSnapshot& snapshot, FindingLog& log) {
  for (const auto& [hash, yaml] : snapshot.contracts) {
    Result<Contract> contract = ParseContract(yaml, "contract " + hash);
    if (contract.ok()) {
      by_hash_.emplace(hash, std::move(*contract));
      continue;
    }
    Finding finding;
    finding.kind = FindingKind::kDamagedLedger;
    finding.detail = "the contract " + hash +
                     " that batches were landed with cannot be read: " + contract.error().message();
    log.Add(std::move(finding));
  }
}

const Table* Contracts::FindTable(const LedgerBatch& batch, const std::string& table) const {
  const auto contract = by_hash_.find(batch.contract_hash);
  return contract == by_hash_.end() ? nullptr : contract->second.FindTable(table);
}

Result<FileScan> ScanFile(const ScanContext& context, const FileToRead& file) {
  return Scan(context, file).Run();
}

}  // namespace forebay
