// The batch that a shard gathers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "commit/land_plan.h"
#include "commit/reject_rate.h"
#include "contract/reason.h"
#include "ledger/records.h"
#include "native/block_pool.h"

namespace forebay {

// The records of one Kafka partition in a batch. INVARIANT: range.offsets.from <= range.offsets.to; `to` is
// the next offset to read.
struct PartitionInBatch {
  bool owned = false;  // by this shard
  Offset end;          // records from here on are not landed
  BatchRange range;

  bool advanced() const { return range.offsets.from != range.offsets.to; }
};

// Identifies a file of a batch: the topic's index and the number of the directory in its decoder's
// PartitionIndex, or kQuarantineFile and the day.
using FileKey = std::pair<uint32_t, int64_t>;
inline constexpr uint32_t kQuarantineFile = UINT32_MAX;

// A shard replaces its batch by assignment: `batch = BatchInProgress::After(batch)`.
struct BatchInProgress {
  struct TopicPart {
    std::vector<PartitionInBatch> partitions;  // by Kafka partition
    std::vector<BudgetedRows> blocks;          // by directory; those without rows are empty
    int64_t untimed = 0;                       // records without a usable Kafka timestamp
  };

  std::vector<TopicPart> topics;                           // in the plan's order
  std::map<int32_t, BudgetedQuarantine> quarantine;        // by day
  std::map<std::pair<uint32_t, Reason>, int64_t> rejects;  // by topic index and reason
  std::set<FileKey> files;                                 // opened, or to be opened by a queued block
  int64_t file_bytes = 0;                                  // of `files`, before their first row groups
  int64_t records = 0;
  int64_t bytes = 0;             // of record values
  int64_t reported_records = 0;  // to PipelineStats
  int64_t reported_bytes = 0;
  std::optional<double> began;  // monotonic seconds, when the first position advanced
  bool too_many_directories = false;

  // The batch that continues where `previous` ends: the same partitions, and nothing else.
  static BatchInProgress After(const BatchInProgress& previous);

  // The offsets and counts of the partitions that advanced.
  std::vector<BatchRange> Ranges() const;
  std::vector<QuarantineCount> QuarantineCounts(const LandPlan& plan) const;
  std::vector<UntimedCount> UntimedCounts(const LandPlan& plan) const;
  RefusedByReason RejectsByTopic(const LandPlan& plan) const;
};

}  // namespace forebay
