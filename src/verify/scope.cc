#include "verify/scope.h"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>

namespace forebay {
namespace {

// Offsets below the first offset of the batches newer than `since` belong to older batches.
OffsetSet OlderThan(const PartitionScope& partition) {
  const OffsetSet newer = Union(partition.landed, partition.unpublished);
  const Offset end = newer.empty() ? partition.next : newer.front().from;
  if (partition.beginning >= end) return {};
  return Difference({{partition.beginning, end}}, partition.accepted_loss);
}

constexpr Offset kNoEnd{INT64_MAX};

// The largest range around `offset` that lies entirely inside the set, or entirely outside.
struct Run {
  bool inside;
  Offset to;
};

Run RunAt(const OffsetSet& set, Offset offset) {
  const auto range = std::upper_bound(set.begin(), set.end(), offset,
                                      [](Offset at, const OffsetRange& known) { return at < known.to; });
  if (range == set.end()) return {false, kNoEnd};
  return range->from <= offset ? Run{true, range->to} : Run{false, range->from};
}

}  // namespace

std::map<OffsetState, OffsetSet> Classify(const PartitionScope& partition, const OffsetSet& offsets) {
  const OffsetSet not_landed = Union(partition.unpublished, Normalized({{partition.next, kNoEnd}}));
  const OffsetSet before_beginning = Normalized({{Offset(0), partition.beginning}});
  const std::pair<OffsetState, const OffsetSet*> states[] = {
      {OffsetState::kLanded, &partition.landed},
      {OffsetState::kNotLandedYet, &not_landed},
      {OffsetState::kAcceptedLoss, &partition.accepted_loss},
      {OffsetState::kOlder, &partition.older},
      {OffsetState::kBeforeBeginning, &before_beginning},
  };
  std::map<OffsetState, OffsetSet> classified;
  for (OffsetRange rest : offsets) {
    while (rest.from < rest.to) {
      OffsetState found = OffsetState::kInNoBatch;
      Offset to = rest.to;
      for (const auto& [state, set] : states) {
        const Run run = RunAt(*set, rest.from);
        to = std::min(to, run.to);
        if (!run.inside) continue;
        found = state;
        break;
      }
      OffsetSet& of_state = classified[found];
      if (!of_state.empty() && of_state.back().to == rest.from) {
        of_state.back().to = to;
      } else {
        of_state.push_back({rest.from, to});
      }
      rest.from = to;
    }
  }
  return classified;
}

AuditScope::AuditScope(const LedgerSnapshot& before, const LedgerSnapshot& after) : topics_(before.topics) {
  std::sort(topics_.begin(), topics_.end(), [](const LedgerTopic& a, const LedgerTopic& b) {
    return std::tie(a.table, a.topic, a.first_seen_at_ms, a.id) <
           std::tie(b.table, b.topic, b.first_seen_at_ms, b.id);
  });
  for (size_t i = 0; i < topics_.size(); ++i) topic_index_.emplace(topics_[i].id, i);
  AddExpired(before);
  AddExpired(after);
  for (const LedgerPartition& partition : before.partitions) {
    PartitionScope& scope = partitions_[PartitionIndex(partition.partition)];
    scope.current = partition.current;
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
    partitions_[PartitionIndex(lost.partition)].accepted_loss.push_back(lost.offsets);
  }
  for (PartitionScope& scope : partitions_) {
    for (OffsetSet* set :
         {&scope.landed, &scope.unpublished, &scope.accepted_loss, &scope.with_expired_files}) {
      *set = Normalized(std::move(*set));
    }
    if (before.since.value() > 0) scope.older = OlderThan(scope);
  }
}

void AuditScope::AddExpired(const LedgerSnapshot& snapshot) {
  for (const LedgerBatch& batch : snapshot.batches) {
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
  const auto [topic, is_unknown] = topic_index_.try_emplace(id.topic_id, topics_.size());
  scope.topic = topic->second;
  // A tampered ledger may name a topic that it does not list.
  if (is_unknown)
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

std::vector<size_t> AuditScope::FindLogs(const TopicId& topic, PartitionId partition) const {
  std::vector<size_t> logs;
  const TopicPartition after{topic, PartitionId(partition.value() + 1), Incarnation(0)};
  for (auto log = index_.lower_bound({topic, partition, Incarnation(0)});
       log != index_.end() && log->first < after; ++log) {
    logs.push_back(log->second);
  }
  return logs;
}

const LedgerTopic* AuditScope::FindTopic(const TopicId& id) const {
  const auto found = topic_index_.find(id);
  return found == topic_index_.end() ? nullptr : &topics_[found->second];
}

std::optional<BatchId> AuditScope::BatchOf(size_t partition, Offset offset) const {
  const auto next = landed_by_[partition].upper_bound(offset);
  if (next == landed_by_[partition].begin()) return std::nullopt;
  const auto& [to, batch] = std::prev(next)->second;
  return offset < to ? std::optional<BatchId>(batch) : std::nullopt;
}

bool AuditScope::IsExpired(BatchId batch, const FilePlace& place) const {
  const auto found = expired_rows_.find(batch);
  return found != expired_rows_.end() && found->second.contains(place);
}

void AuditScope::CountAsExpired(const LedgerBatch& batch, const LedgerFile& file) {
  expired_rows_[batch.id][file.place] = file.file.rows;
  for (const BatchRange& range : batch.ranges) {
    PartitionScope& scope = partitions_[PartitionIndex(range.partition)];
    scope.with_expired_files = Union(scope.with_expired_files, {range.offsets});
  }
}

Finding AuditScope::TopicFinding(FindingKind kind, size_t topic) const {
  return {.kind = kind, .table = topics_[topic].table, .topic = topics_[topic].topic};
}

Finding AuditScope::PartitionFinding(FindingKind kind, size_t partition, OffsetRange offsets) const {
  Finding finding = TopicFinding(kind, partitions_[partition].topic);
  finding.partition = partitions_[partition].id.partition;
  finding.incarnation = partitions_[partition].id.incarnation;
  finding.offsets = offsets;
  return finding;
}

int64_t AuditScope::ExpiredRows(BatchId batch) const {
  const auto found = expired_rows_.find(batch);
  if (found == expired_rows_.end()) return 0;
  int64_t rows = 0;
  for (const auto& [place, file_rows] : found->second) rows += file_rows;
  return rows;
}

}  // namespace forebay
