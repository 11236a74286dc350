#include "verify/totals.h"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace forebay {
namespace {

void AddFiles(const AuditScope& scope, const std::vector<FileToRead>& files,
              const std::vector<FileScan>& scans, std::vector<AuditedTopic>* topics) {
  for (size_t i = 0; i < files.size(); ++i) {
    const FileContents& contents = scans[i].contents;
    for (const auto& [place, rejected] : contents.rejected) {
      (*topics)[place.first].quarantined[place.second] += rejected.records;
    }
    if (files[i].file->place.table == kQuarantineTable) continue;
    std::set<size_t> of_file;
    for (const auto& [partition, rows] : contents.rows_by_partition) {
      const size_t topic = scope.partitions()[partition].topic;
      (*topics)[topic].rows += rows;
      of_file.insert(topic);
    }
    for (const size_t topic : of_file) ++(*topics)[topic].files;
  }
}

void AddMissingOffsets(const MissingOffsets& here, MissingOffsetCounts* sum) {
  sum->tombstones += CountOffsets(here.tombstones);
  sum->aborted += CountOffsets(here.aborted);
  sum->no_record += CountOffsets(here.no_record);
  sum->expired += CountOffsets(here.expired);
  sum->in_expired_files += CountOffsets(here.in_expired_files);
  sum->unexplained += CountOffsets(here.unexplained);
  sum->records += CountOffsets(here.records);
}

}  // namespace

std::vector<AuditedTopic> SumTopics(const LedgerSnapshot& before, const AuditScope& scope,
                                    const ReceiptCheck& receipts, const std::vector<FileToRead>& files,
                                    const std::vector<FileScan>& scans,
                                    const std::vector<MissingOffsets>& missing,
                                    const PositionMap& positions) {
  std::vector<AuditedTopic> topics;
  const std::vector<uint64_t> covered = receipts.CountCovered(positions);
  for (size_t i = 0; i < scope.topics().size(); ++i) {
    AuditedTopic topic;
    topic.table = scope.topics()[i].table;
    topic.topic = scope.topics()[i].topic;
    topic.topic_id = scope.topics()[i].id;
    topic.in_receipts = covered[i];
    topic.not_landed_yet = receipts.not_landed_yet()[i];
    topics.push_back(std::move(topic));
  }
  AddFiles(scope, files, scans, &topics);
  for (const LedgerBatch& batch : before.batches) {
    if (batch.state != BatchState::kPublished) continue;
    for (const BatchRange& range : batch.ranges) {
      const std::optional<size_t> partition = scope.FindPartition(range.partition);
      if (!partition) continue;
      topics[scope.partitions()[*partition].topic].tombstones += static_cast<uint64_t>(range.tombstones);
    }
  }
  for (size_t i = 0; i < missing.size(); ++i) {
    AddMissingOffsets(missing[i], &topics[scope.partitions()[i].topic].missing_offsets);
  }
  return topics;
}

void NoteNotInReceipts(const std::vector<AuditedTopic>& topics, FindingLog& log) {
  for (const AuditedTopic& topic : topics) {
    const uint64_t landed = topic.rows + topic.quarantined_records();
    if (landed <= topic.in_receipts) continue;
    log.AddNote({.kind = FindingKind::kNotInReceipts,
                 .table = topic.table,
                 .topic = topic.topic,
                 .detail = fmt::format("{} records", landed - topic.in_receipts)});
  }
}

}  // namespace forebay
