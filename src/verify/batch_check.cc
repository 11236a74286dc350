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
  Finding finding;
  finding.kind = kind;
  finding.table = scope.TopicOf(partition).table;
  finding.topic = scope.TopicOf(partition).topic;
  finding.partition = range.partition.partition;
  finding.offsets = range.offsets;
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
                const BatchFound& found, const PositionMap& positions, FindingLog& log) {
  const std::optional<size_t> partition = scope.FindPartition(range.partition);
  if (!partition) return;
  const uint64_t rows = ValueOr0(found.rows, *partition);
  const uint64_t refused = ValueOr0(found.refused, *partition);
  if (rows == static_cast<uint64_t>(range.rows) && refused == static_cast<uint64_t>(range.quarantined))
    return;
  Finding finding = RangeFinding(FindingKind::kWrongRangeCount, batch, range, scope, *partition);
  finding.expected = fmt::format("{} rows and {} in quarantine", range.rows, range.quarantined);
  finding.found = fmt::format("{} and {}", rows, refused);
  const OffsetSet absent = positions.Absent(*partition, {range.offsets});
  if (!absent.empty()) finding.detail = "no row has " + Runs(absent);
  log.Add(std::move(finding));
}

void CheckReasons(const LedgerBatch& batch, const BatchFound& found, FindingLog& log) {
  std::map<std::pair<std::string, std::string>, uint64_t> expected;
  for (const QuarantineCount& count : batch.quarantine) {
    expected[{count.table, count.reason}] += static_cast<uint64_t>(count.records);
  }
  for (const auto& [place, records] : found.refused_by_reason) expected.try_emplace(place, 0);
  for (const auto& [place, records] : expected) {
    const uint64_t there = ValueOr0(found.refused_by_reason, place);
    if (there == records) continue;
    Finding finding;
    finding.kind = FindingKind::kWrongQuarantineCount;
    finding.table = place.first;
    finding.batch = batch.id;
    finding.detail = place.second;
    finding.expected = fmt::format("{} in quarantine", records);
    finding.found = std::to_string(there);
    log.Add(std::move(finding));
  }
}

// For a batch with expired files: the remaining rows plus the expired rows must equal the landed rows.
void CheckSum(const LedgerBatch& batch, const AuditScope& scope, const BatchFound& found, FindingLog& log) {
  uint64_t expected = 0;
  uint64_t there = static_cast<uint64_t>(scope.ExpiredRows(batch.id));
  for (const BatchRange& range : batch.ranges)
    expected += static_cast<uint64_t>(range.rows + range.quarantined);
  for (const auto& [partition, rows] : found.rows) there += rows;
  for (const auto& [partition, rows] : found.refused) there += rows;
  if (expected == there) return;
  Finding finding;
  finding.kind = FindingKind::kWrongRangeCount;
  finding.batch = batch.id;
  finding.expected = fmt::format("{} records", expected);
  finding.found =
      fmt::format("{}, with {} in files that were removed on purpose", there, scope.ExpiredRows(batch.id));
  log.Add(std::move(finding));
}

}  // namespace

void BatchFound::Add(const FileToRead& file, const FileScan& scan, const AuditScope& scope) {
  if (!scan.complete) incomplete = true;
  const bool quarantine = file.file->place.table == kQuarantineTable;
  for (const auto& [partition, count] : scan.rows_by_partition)
    (quarantine ? refused : rows)[partition] += count;
  for (const auto& [place, count] : scan.refused) {
    refused_by_reason[{scope.topics()[place.first].table, place.second}] += count.records;
  }
}

void CheckBatchCounts(const LedgerSnapshot& snapshot, const AuditScope& scope,
                      const std::map<BatchId, BatchFound>& found, const PositionMap& positions,
                      FindingLog& log) {
  static const BatchFound kNothing;
  for (const LedgerBatch& batch : snapshot.batches) {
    if (batch.state != BatchState::kPublished) continue;
    const auto entry = found.find(batch.id);
    const BatchFound& of_batch = entry == found.end() ? kNothing : entry->second;
    if (of_batch.incomplete) continue;
    if (scope.HasExpiredFiles(batch.id)) {
      CheckSum(batch, scope, of_batch, log);
      continue;
    }
    for (const BatchRange& range : batch.ranges) CheckRange(batch, range, scope, of_batch, positions, log);
    CheckReasons(batch, of_batch, log);
  }
}

void CheckTombstones(const LedgerSnapshot& snapshot, const AuditScope& scope,
                     const std::vector<MissingOffsets>& missing_offsets, FindingLog& log) {
  for (const LedgerBatch& batch : snapshot.batches) {
    if (batch.state != BatchState::kPublished || scope.HasExpiredFiles(batch.id)) continue;
    for (const BatchRange& range : batch.ranges) {
      const std::optional<size_t> partition = scope.FindPartition(range.partition);
      if (!partition) continue;
      const MissingOffsets& absent = missing_offsets[*partition];
      const auto count = [&range](const OffsetSet& set) { return CountOffsets(Within(set, range.offsets)); };
      const uint64_t known = count(absent.tombstones);
      const uint64_t possible =
          known + count(absent.no_record) + count(absent.expired) + count(absent.unexplained);
      const auto said = static_cast<uint64_t>(range.tombstones);
      if (known <= said && said <= possible) continue;
      Finding finding = RangeFinding(FindingKind::kWrongTombstones, batch, range, scope, *partition);
      finding.expected = fmt::format("{} tombstones, as the ledger says", said);
      finding.found = std::to_string(said < known ? known : possible);
      log.Add(std::move(finding));
    }
  }
}

}  // namespace forebay
