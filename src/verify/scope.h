// The scope of the audit, computed from the ledger: the offsets that the audited batches landed in each
// partition, and the state of the other offsets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "ledger/records.h"
#include "verify/finding.h"
#include "verify/offset_sets.h"

namespace forebay {

// One log of one partition of one topic.
struct PartitionScope {
  TopicPartition id;
  bool current = true;  // false: another log was adopted in its place, which the brokers have now
  size_t topic = 0;     // index into AuditScope::topics
  Offset beginning;
  Offset next;
  OffsetSet landed;         // by published batches newer than `since`
  OffsetSet unpublished;    // by decided batches
  OffsetSet accepted_loss;  // land --accept-loss
  OffsetSet older;          // below all that newer batches landed or lost; empty when all batches are audited
  OffsetSet with_expired_files;  // of `landed`: batches with files that an operator expired (lake expire)
};

// The state of an offset according to the ledger.
enum class OffsetState : uint8_t {
  kLanded,           // by a published batch
  kNotLandedYet,     // in a batch that is not published, or not below `next`
  kAcceptedLoss,     // land --accept-loss
  kOlder,            // landed before the audited batches
  kBeforeBeginning,  // below the offset at which landing began
  kInNoBatch,        // none of these: a gap in the ledger
};

// Splits a set of offsets by state. Every offset gets exactly one state, the first in the order of
// OffsetState that applies, even if the ranges of a damaged ledger overlap. Pure.
std::map<OffsetState, OffsetSet> Classify(const PartitionScope& partition, const OffsetSet& offsets);

// A value; reading it is thread-safe.
class AuditScope {
 public:
  // Files that are expiring or expired in either snapshot count as expired.
  AuditScope(const LedgerSnapshot& before, const LedgerSnapshot& after);

  const std::vector<LedgerTopic>& topics() const { return topics_; }
  const std::vector<PartitionScope>& partitions() const { return partitions_; }
  std::optional<size_t> FindPartition(const TopicPartition& id) const;
  // All logs of a partition, in the order of their incarnations.
  std::vector<size_t> FindLogs(const TopicId& topic, PartitionId partition) const;
  const LedgerTopic* FindTopic(const TopicId& id) const;
  const LedgerTopic& TopicOf(size_t partition) const { return topics_[partitions_[partition].topic]; }
  // The published batch that landed this offset of a partition, if any.
  std::optional<BatchId> BatchOf(size_t partition, Offset offset) const;
  bool HasExpiredFiles(BatchId batch) const { return expired_rows_.contains(batch); }
  // Rows in files of this batch that an operator removed.
  int64_t ExpiredRows(BatchId batch) const;
  bool IsExpired(BatchId batch, const FilePlace& place) const;
  // Counts a published batch's file as expired, because it was removed or replaced after both snapshots.
  void CountAsExpired(const LedgerBatch& batch, const LedgerFile& file);

  // A finding about a topic, or about a partition and some of its offsets.
  Finding TopicFinding(FindingKind kind, size_t topic) const;
  Finding PartitionFinding(FindingKind kind, size_t partition, OffsetRange offsets) const;

 private:
  void AddExpired(const LedgerSnapshot& snapshot);
  size_t PartitionIndex(const TopicPartition& id);

  std::vector<LedgerTopic> topics_;  // by table and name, then in the order of first appearance
  std::vector<PartitionScope> partitions_;
  std::map<TopicId, size_t> topic_index_;
  std::map<TopicPartition, size_t> index_;
  std::vector<std::map<Offset, std::pair<Offset, BatchId>>> landed_by_;  // by partition: from -> to and batch
  std::map<BatchId, std::map<FilePlace, int64_t>> expired_rows_;
};

}  // namespace forebay
