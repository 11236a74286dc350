#include "verify/batch_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace forebay {
namespace {

constexpr size_t kRunsListed = 5;

template <typename Map, typename Key>
uint64_t ValueOr0(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? 0 : found->second;
}

Finding RangeFinding(FindingKind kind, const LedgerBatch& batch, const BatchRange& range,
                     const AuditScope& scope, size_t partition) {
  Finding finding = scope.PartitionFinding(kind, partition, range.offsets);
  finding.batch = batch.id;
  return finding;
}

std::string Runs(const OffsetSet& runs) {
  std::string text;
  for (size_t i = 0; i < std::min(runs.size(), kRunsListed); ++i) {
    if (!text.empty()) text += ", ";
    text += std::to_string(runs[i].from.value());
    if (runs[i].to.value() - runs[i].from.value() > 1) text += fmt::format(" to {}", runs[i].to.value() - 1);
  }
  return runs.size() > kRunsListed ? text + ", ..." : text;
}

void CheckRange(const LedgerBatch& batch, const BatchRange& range, const AuditScope& scope,
                const BatchContents& contents, const PositionMap& positions, FindingLog& log) {
  const std::optional<size_t> partition = scope.FindPartition(range.partition);
  if (!partition) return;
  const uint64_t rows = ValueOr0(contents.rows, *partition);
  const uint64_t rejected = ValueOr0(contents.rejected, *partition);
  if (rows == static_cast<uint64_t>(range.rows) && rejected == static_cast<uint64_t>(range.quarantined))
    return;
  Finding finding = RangeFinding(FindingKind::kRecordCountMismatch, batch, range, scope, *partition);
  finding.expected = fmt::format("{} rows and {} in quarantine", range.rows, range.quarantined);
  finding.found = fmt::format("{} and {}", rows, rejected);
  const OffsetSet absent = positions.Absent(*partition, {range.offsets});
  if (!absent.empty()) finding.detail = "no row for offsets " + Runs(absent);
  log.Add(std::move(finding));
}

void CheckReasons(const LedgerBatch& batch, const BatchContents& contents, FindingLog& log) {
  std::map<std::pair<std::string, std::string>, uint64_t> expected;
  for (const QuarantineCount& count : batch.quarantine) {
    expected[{count.table, count.reason}] += static_cast<uint64_t>(count.records);
  }
  for (const auto& [place, records] : contents.rejected_by_reason) expected.try_emplace(place, 0);
  for (const auto& [place, records] : expected) {
    const uint64_t found = ValueOr0(contents.rejected_by_reason, place);
    if (found == records) continue;
    log.Add({.kind = FindingKind::kQuarantineCountMismatch,
             .table = place.first,
             .batch = batch.id,
             .expected = fmt::format("{} in quarantine", records),
             .found = std::to_string(found),
             .detail = place.second});
  }
}

// For a batch with expired files: the remaining rows plus the expired rows must equal the landed rows.
void CheckSum(const LedgerBatch& batch, const AuditScope& scope, const BatchContents& contents,
              FindingLog& log) {
  uint64_t expected = 0;
  uint64_t found = static_cast<uint64_t>(scope.ExpiredRows(batch.id));
  for (const BatchRange& range : batch.ranges)
    expected += static_cast<uint64_t>(range.rows + range.quarantined);
  for (const auto& [partition, rows] : contents.rows) found += rows;
  for (const auto& [partition, records] : contents.rejected) found += records;
  if (expected == found) return;
  log.Add({.kind = FindingKind::kRecordCountMismatch,
           .batch = batch.id,
           .expected = fmt::format("{} records", expected),
           .found = fmt::format("{}, with {} in expired files", found, scope.ExpiredRows(batch.id))});
}

size_t PresentFiles(const LedgerBatch& batch) {
  return static_cast<size_t>(
      std::count_if(batch.files.begin(), batch.files.end(),
                    [](const LedgerFile& file) { return file.state == FileState::kPresent; }));
}

}  // namespace

void BatchContents::Add(const FileToRead& file, const FileScan& scan, const AuditScope& scope) {
  if (std::holds_alternative<CompleteScan>(scan.outcome)) ++complete_files;
  const bool quarantine = file.file->place.table == kQuarantineTable;
  for (const auto& [partition, count] : scan.contents.rows_by_partition)
    (quarantine ? rejected : rows)[partition] += count;
  for (const auto& [place, count] : scan.contents.rejected) {
    rejected_by_reason[{scope.topics()[place.first].table, place.second}] += count.records;
  }
}

void CheckBatchCounts(const LedgerSnapshot& snapshot, const AuditScope& scope,
                      const std::map<BatchId, BatchContents>& contents, const PositionMap& positions,
                      FindingLog& log) {
  static const BatchContents kNothing;
  for (const LedgerBatch& batch : snapshot.batches) {
    if (batch.state != BatchState::kPublished) continue;
    const auto entry = contents.find(batch.id);
    const BatchContents& found = entry == contents.end() ? kNothing : entry->second;
    if (found.complete_files != PresentFiles(batch)) continue;
    if (scope.HasExpiredFiles(batch.id)) {
      CheckSum(batch, scope, found, log);
      continue;
    }
    for (const BatchRange& range : batch.ranges) CheckRange(batch, range, scope, found, positions, log);
    CheckReasons(batch, found, log);
  }
}

void CheckTombstones(const LedgerSnapshot& snapshot, const AuditScope& scope,
                     const std::vector<MissingOffsets>& missing, FindingLog& log) {
  for (const LedgerBatch& batch : snapshot.batches) {
    if (batch.state != BatchState::kPublished || scope.HasExpiredFiles(batch.id)) continue;
    for (const BatchRange& range : batch.ranges) {
      const std::optional<size_t> partition = scope.FindPartition(range.partition);
      if (!partition) continue;
      const MissingOffsets& absent = missing[*partition];
      const auto count = [&range](const OffsetSet& set) { return CountOffsets(Within(set, range.offsets)); };
      const uint64_t known = count(absent.tombstones);
      const uint64_t possible =
          known + count(absent.no_record) + count(absent.expired) + count(absent.unexplained);
      const auto expected = static_cast<uint64_t>(range.tombstones);
      if (known <= expected && expected <= possible) continue;
      Finding finding = RangeFinding(FindingKind::kTombstoneCountMismatch, batch, range, scope, *partition);
      finding.expected = fmt::format("{} tombstones in the ledger", expected);
      finding.found = std::to_string(expected < known ? known : possible);
      log.Add(std::move(finding));
    }
  }
}

}  // namespace forebay
