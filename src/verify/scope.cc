#include "verify/scope.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace forebay {
namespace {

// Offsets below the first offset of the batches newer than `since` belong to older batches.
OffsetSet OlderThan(const PartitionScope& partition) {
  const OffsetSet newer = Union(partition.landed, partition.unpublished);
  const Offset end = newer.empty() ? partition.next : newer.front().from;
  if (partition.beginning >= end) return {};
  return Difference({{partition.beginning, end}}, partition.given_up);
}

}  // namespace

AuditScope::AuditScope(const LedgerSnapshot& before, const LedgerSnapshot& after) : topics_(before.topics) {
  std::sort(topics_.begin(), topics_.end(), [](const LedgerTopic& a, const LedgerTopic& b) {
    return std::tie(a.table, a.first_seen_at_ms, a.id) < std::tie(b.table, b.first_seen_at_ms, b.id);
  });
  NoteExpired(before);
  NoteExpired(after);
  for (const LedgerPartition& partition : before.partitions) {
    PartitionScope& scope = partitions_[PartitionIndex(partition.partition)];
    scope.beginning = partition.beginning;
    scope.next = partition.next;
  }
  for (const LedgerBatch& batch : before.batches) {
    for (const BatchRange& range : batch.ranges) {
      const size_t index = PartitionIndex(range.partition);
      PartitionScope& scope = partitions_[index];
      const bool published = batch.state == BatchState::kPublished;
      (published ? scope.landed : scope.unpublished).push_back(range.offsets);
      if (published) landed_by_[index][range.offsets.from] = {range.offsets.to, batch.id};
      if (published && HasExpiredFiles(batch.id)) scope.with_expired_files.push_back(range.offsets);
    }
  }
  for (const LostRange& lost : before.lost) {
    partitions_[PartitionIndex(lost.partition)].given_up.push_back(lost.offsets);
  }
  for (PartitionScope& scope : partitions_) {
    for (OffsetSet* set : {&scope.landed, &scope.unpublished, &scope.given_up, &scope.with_expired_files}) {
      *set = Normalized(std::move(*set));
    }
    if (before.since.value() > 0) scope.older = OlderThan(scope);
  }
}

void AuditScope::NoteExpired(const LedgerSnapshot& look) {
  for (const LedgerBatch& batch : look.batches) {
    for (const LedgerFile& file : batch.files) {
      if (file.state != FileState::kPresent) expired_rows_[batch.id][file.place] = file.file.rows;
    }
  }
}

size_t AuditScope::PartitionIndex(const TopicPartition& id) {
  const auto [entry, is_new] = index_.try_emplace(id, partitions_.size());
  if (!is_new) return entry->second;
  PartitionScope scope;
  scope.id = id;
  const auto topic = std::find_if(topics_.begin(), topics_.end(),
                                  [&id](const LedgerTopic& known) { return known.id == id.topic_id; });
  scope.topic = static_cast<size_t>(topic - topics_.begin());
  // A tampered ledger may name a topic that it does not list.
  if (topic == topics_.end())
    topics_.push_back({id.topic_id, "(unknown topic " + id.topic_id.base64() + ")", "", false, 0});
  partitions_.push_back(std::move(scope));
  landed_by_.emplace_back();
  return entry->second;
}

std::optional<size_t> AuditScope::FindPartition(const TopicPartition& id) const {
  const auto found = index_.find(id);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

const LedgerTopic* AuditScope::FindTopic(const TopicId& id) const {
  for (const LedgerTopic& topic : topics_) {
    if (topic.id == id) return &topic;
  }
  return nullptr;
}

std::optional<BatchId> AuditScope::BatchOf(size_t partition, Offset offset) const {
  const auto behind = landed_by_[partition].upper_bound(offset);
  if (behind == landed_by_[partition].begin()) return std::nullopt;
  const auto& [to, batch] = std::prev(behind)->second;
  return offset < to ? std::optional<BatchId>(batch) : std::nullopt;
}

bool AuditScope::IsExpired(BatchId batch, const FilePlace& place) const {
  const auto found = expired_rows_.find(batch);
  return found != expired_rows_.end() && found->second.contains(place);
}

void AuditScope::NoteUnderChange(const LedgerBatch& batch, const LedgerFile& file) {
  expired_rows_[batch.id][file.place] = file.file.rows;
  for (const BatchRange& range : batch.ranges) {
    PartitionScope& scope = partitions_[PartitionIndex(range.partition)];
    scope.with_expired_files = Union(scope.with_expired_files, {range.offsets});
  }
}

int64_t AuditScope::ExpiredRows(BatchId batch) const {
  const auto found = expired_rows_.find(batch);
  if (found == expired_rows_.end()) return 0;
  int64_t rows = 0;
  for (const auto& [place, file_rows] : found->second) rows += file_rows;
  return rows;
}

}  // namespace forebay
