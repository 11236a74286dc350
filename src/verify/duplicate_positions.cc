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

// The duplicate offsets in one file, in the order of its rows. An offset that occurs twice in the file is
// listed twice.
using Held = std::map<size_t, std::vector<OffsetRange>>;

bool MayHold(const ScanContext& context, const FileToRead& task, const std::map<size_t, OffsetSet>& doubled) {
  for (const BatchRange& range : task.batch->ranges) {
    const std::optional<size_t> partition = context.scope.FindPartition(range.partition);
    const auto found = partition ? doubled.find(*partition) : doubled.end();
    if (found == doubled.end() || Within(found->second, range.offsets).empty()) continue;
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
    const bool is_here = topic.empty() ? known.table == task.file->place.table : known.topic == topic;
    if (is_here) partitions[range.partition.partition.value()] = *partition;
  }
  return partitions;
}

Status ReadHeld(const ScanContext& context, const FileToRead& task,
                const std::map<size_t, OffsetSet>& doubled, Held* held) {
  const bool quarantine = task.file->place.table == kQuarantineTable;
  const Result<std::unique_ptr<RowReader>> reader =
      RowReader::Open(context.lake.store(), task.file->place);
  if (!reader.ok() || *reader == nullptr) return Ok();
  std::vector<std::string> columns = {std::string(kPartitionColumn), std::string(kOffsetColumn)};
  if (quarantine) columns.emplace_back(kTopicColumn);
  if (!(*reader)->Select(columns).ok()) return Ok();
  std::map<std::string, std::map<int32_t, size_t>, std::less<>> by_topic;
  if (!quarantine) by_topic[""] = PartitionsOf(context, task, "");
  while (true) {
    if (context.stop != nullptr && context.stop->load()) return CancelledError("the audit was stopped");
    const Result<std::shared_ptr<arrow::RecordBatch>> rows = (*reader)->Next();
    if (!rows.ok() || *rows == nullptr) return Ok();
    const auto& partitions = static_cast<const arrow::Int32Array&>(*(*rows)->column(0));
    const auto& offsets = static_cast<const arrow::Int64Array&>(*(*rows)->column(1));
    for (int64_t row = 0; row < (*rows)->num_rows(); ++row) {
      std::string_view topic;
      if (quarantine) topic = static_cast<const arrow::StringArray&>(*(*rows)->column(2)).GetView(row);
      auto known = by_topic.find(topic);
      if (known == by_topic.end()) {
        known = by_topic.emplace(std::string(topic), PartitionsOf(context, task, topic)).first;
      }
      const auto partition = known->second.find(partitions.Value(row));
      if (partition == known->second.end()) continue;
      const auto wanted = doubled.find(partition->second);
      if (wanted == doubled.end()) continue;
      const Offset offset(offsets.Value(row));
      if (Within(wanted->second, {offset, Offset(offset.value() + 1)}).empty()) continue;
      AppendOffset((*held)[partition->second], offset);
    }
  }
}

// A finding about one run of duplicate offsets and the files that hold it.
Finding Describe(const ScanContext& context, size_t partition, OffsetRange run,
                 const std::vector<FileToRead>& files, const std::vector<Held>& held) {
  Finding finding;
  finding.partition = context.scope.partitions()[partition].id.partition;
  finding.offsets = run;
  finding.table = context.scope.TopicOf(partition).table;
  finding.topic = context.scope.TopicOf(partition).topic;
  std::vector<size_t> holders;
  bool in_quarantine = false;
  for (size_t i = 0; i < files.size(); ++i) {
    const auto here = held[i].find(partition);
    if (here == held[i].end() || Within(here->second, run).empty()) continue;
    holders.push_back(i);
    in_quarantine = in_quarantine || files[i].file->place.table == kQuarantineTable;
  }
  finding.kind = in_quarantine         ? FindingKind::kTwiceInQuarantine
                 : holders.size() == 1 ? FindingKind::kTwiceInFile
                                       : FindingKind::kTwiceAcrossFiles;
  constexpr size_t kCached = 4;
  for (size_t i = 0; i < holders.size() && i < kCached; ++i) {
    const LedgerFile& file = *files[holders[i]].file;
    if (i == 0) {
      finding.file = PlaceText(file.place);
      finding.partition_dir = file.place.partition_dir;
      finding.batch = file.batch;
    } else {
      finding.detail += (finding.detail.empty() ? "also in " : ", ") + PlaceText(file.place);
    }
  }
  if (holders.size() > kCached)
    finding.detail += " and " + std::to_string(holders.size() - kCached) + " more";
  if (holders.size() == 1) finding.detail = "twice in this file";
  return finding;
}

}  // namespace

Status ReportDuplicates(const ScanContext& context, const std::vector<FileToRead>& files,
                        const std::map<size_t, OffsetSet>& doubled, int threads, FindingLog& log) {
  if (doubled.empty()) return Ok();
  std::vector<Held> held(files.size());
  FOREBAY_TRY(ParallelFor(threads, files.size(), [&](size_t i) {
    if (!MayHold(context, files[i], doubled)) return Ok();
    const Status status = ReadHeld(context, files[i], doubled, &held[i]);
    for (auto& [partition, offsets] : held[i]) offsets = Normalized(std::move(offsets));
    return status;
  }));
  for (const auto& [partition, runs] : doubled) {
    for (const OffsetRange& run : runs) log.Add(Describe(context, partition, run, files, held));
  }
  return Ok();
}

}  // namespace forebay
