#include "verify/duplicate_positions.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <memory>
#include <string>

#include "base/parallel.h"
#include "decode/schema.h"
#include "read/row_reader.h"

namespace forebay {
namespace {

constexpr size_t kMaxFilesListed = 4;

// The duplicate offsets in one file, by partition of the scope.
using FileDuplicates = std::map<size_t, std::vector<OffsetRange>>;

bool MayContain(const ScanContext& context, const FileToRead& task,
                const std::map<size_t, OffsetSet>& duplicates) {
  for (const BatchRange& range : task.batch->ranges) {
    const std::optional<size_t> partition = context.scope.FindPartition(range.partition);
    const auto found = partition ? duplicates.find(*partition) : duplicates.end();
    if (found == duplicates.end() || Within(found->second, range.offsets).empty()) continue;
    if (task.file->place.table == kQuarantineTable ||
        task.file->place.table == context.scope.TopicOf(*partition).table) {
      return true;
    }
  }
  return false;
}

// The partitions of the file's batch that belong to `topic`. If `topic` is empty: those that belong to the
// file's table.
std::map<int32_t, size_t> PartitionsOf(const ScanContext& context, const FileToRead& task,
                                       std::string_view topic) {
  std::map<int32_t, size_t> partitions;
  for (const BatchRange& range : task.batch->ranges) {
    const std::optional<size_t> partition = context.scope.FindPartition(range.partition);
    if (!partition) continue;
    const LedgerTopic& known = context.scope.TopicOf(*partition);
    const bool belongs = topic.empty() ? known.table == task.file->place.table : known.topic == topic;
    if (belongs) partitions[range.partition.partition.value()] = *partition;
  }
  return partitions;
}

Status ReadDuplicates(const ScanContext& context, const FileToRead& task,
                      const std::map<size_t, OffsetSet>& duplicates, FileDuplicates* found) {
  const Table* const table = context.contracts.FindTable(*task.batch, task.file->place.table);
  const bool has_topics =
      task.file->place.table == kQuarantineTable || (table != nullptr && table->HasTopicColumn());
  const Result<std::unique_ptr<RowReader>> reader = RowReader::Open(context.lake.store(), task.file->place);
  if (!reader.ok() || *reader == nullptr) return Ok();
  std::vector<std::string> columns = {std::string(kPartitionColumn), std::string(kOffsetColumn)};
  if (has_topics) columns.emplace_back(kTopicColumn);
  if (!(*reader)->Select(columns).ok()) return Ok();
  std::map<std::string, std::map<int32_t, size_t>, std::less<>> by_topic;
  if (!has_topics) by_topic[""] = PartitionsOf(context, task, "");
  while (true) {
    if (context.stop != nullptr && context.stop->load()) return CancelledError("audit cancelled");
    const Result<std::shared_ptr<arrow::RecordBatch>> rows = (*reader)->Next();
    if (!rows.ok() || *rows == nullptr) return Ok();
    const auto& partitions = static_cast<const arrow::Int32Array&>(*(*rows)->column(0));
    const auto& offsets = static_cast<const arrow::Int64Array&>(*(*rows)->column(1));
    for (int64_t row = 0; row < (*rows)->num_rows(); ++row) {
      std::string_view topic;
      if (has_topics) topic = static_cast<const arrow::StringArray&>(*(*rows)->column(2)).GetView(row);
      auto known = by_topic.find(topic);
      if (known == by_topic.end()) {
        known = by_topic.emplace(std::string(topic), PartitionsOf(context, task, topic)).first;
      }
      const auto partition = known->second.find(partitions.Value(row));
      if (partition == known->second.end()) continue;
      const auto wanted = duplicates.find(partition->second);
      if (wanted == duplicates.end()) continue;
      const Offset offset(offsets.Value(row));
      if (Within(wanted->second, {offset, Offset(offset.value() + 1)}).empty()) continue;
      AppendOffset((*found)[partition->second], offset);
    }
  }
}

// A finding about one run of duplicate offsets and the files that hold it.
Finding Describe(const ScanContext& context, size_t partition, OffsetRange run,
                 const std::vector<FileToRead>& files, const std::vector<FileDuplicates>& by_file) {
  std::vector<size_t> holders;
  bool in_quarantine = false;
  for (size_t i = 0; i < files.size(); ++i) {
    const auto in_file = by_file[i].find(partition);
    if (in_file == by_file[i].end() || Within(in_file->second, run).empty()) continue;
    holders.push_back(i);
    in_quarantine = in_quarantine || files[i].file->place.table == kQuarantineTable;
  }
  const FindingKind kind = in_quarantine         ? FindingKind::kDuplicateInQuarantine
                           : holders.size() == 1 ? FindingKind::kDuplicateInFile
                                                 : FindingKind::kDuplicateAcrossFiles;
  Finding finding = context.scope.PartitionFinding(kind, partition, run);
  for (size_t i = 0; i < holders.size() && i < kMaxFilesListed; ++i) {
    const LedgerFile& file = *files[holders[i]].file;
    if (i == 0) {
      finding.file = PlaceText(file.place);
      finding.partition_dir = file.place.partition_dir;
      finding.batch = file.batch;
    } else {
      finding.detail += (finding.detail.empty() ? "also in " : ", ") + PlaceText(file.place);
    }
  }
  if (holders.size() > kMaxFilesListed)
    finding.detail += " and " + std::to_string(holders.size() - kMaxFilesListed) + " more";
  if (holders.size() == 1) finding.detail = "more than one row in this file";
  return finding;
}

}  // namespace

Status ReportDuplicates(const ScanContext& context, const std::vector<FileToRead>& files,
                        const std::map<size_t, OffsetSet>& duplicates, int threads, FindingLog& log) {
  if (duplicates.empty()) return Ok();
  std::vector<FileDuplicates> by_file(files.size());
  FOREBAY_TRY(ParallelFor(threads, files.size(), [&](size_t i) {
    if (!MayContain(context, files[i], duplicates)) return Ok();
    const Status status = ReadDuplicates(context, files[i], duplicates, &by_file[i]);
    for (auto& [partition, offsets] : by_file[i]) offsets = Normalized(std::move(offsets));
    return status;
  }));
  for (const auto& [partition, runs] : duplicates) {
    for (const OffsetRange& run : runs) log.Add(Describe(context, partition, run, files, by_file));
  }
  return Ok();
}

}  // namespace forebay
