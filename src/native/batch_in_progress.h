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
#include "commit/commit.h"
#include "commit/land_plan.h"
#include "commit/reject_rate.h"
#include "contract/reason.h"
#include "decode/field_presence.h"
#include "ledger/records.h"
#include "native/block_pool.h"
#include "report/reject_groups.h"

namespace forebay {

// The records of one Kafka partition in a batch. INVARIANT: range.offsets.from <= range.offsets.to; `to` is
// the next offset to read.
struct PartitionInBatch {
  bool owned = false;  // by this shard
  Offset end;          // records from here on are not landed
  BatchRange range;
  // Of this batch, or of an earlier one: the last record, its leader epoch, and, while its chunk is there,
  // its message.
  std::optional<LandedRecord> last_record;
  LeaderEpoch leader_epoch{-1};
  bool lost_connection = false;  // since the last message
  const kafka::Message* last_message = nullptr;

  bool advanced() const { return range.offsets.from != range.offsets.to; }
};

// Identifies a file of a batch: the table's index in the plan and the number of the directory in its
// decoder's PartitionIndex, or kQuarantineFile and the day.
using FileKey = std::pair<uint32_t, int64_t>;
inline constexpr uint32_t kQuarantineFile = UINT32_MAX;

// A shard replaces its batch by assignment: `batch = BatchInProgress::After(batch)`.
struct BatchInProgress {
  struct TopicPart {
    std::vector<PartitionInBatch> partitions;  // by Kafka partition
  };
  struct TablePart {
    std::vector<BudgetedRows> blocks;  // by directory; those without rows are empty
    int64_t untimed = 0;               // records without a usable Kafka timestamp
    FieldValues values;                // of the blocks that were passed on
  };

  std::vector<TopicPart> topics;                           // in the plan's order
  std::vector<TablePart> tables;                           // likewise
  std::map<int32_t, BudgetedQuarantine> quarantine;        // by day
  std::map<std::pair<uint32_t, Reason>, int64_t> rejects;  // by table index and reason
  RejectGroups reject_groups;                              // for the message of a landing that they stop
  std::vector<RecordOfLog> to_confirm;                     // records that the logs must still have
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

  // To be called for a chunk of messages before which a connection was lost: the log may be another one, of
  // the same leader epochs (a cluster that was restored from older disks).
  void NoteLostConnection();
  // Before the first message of another leader, or behind a lost connection: the commit stage looks whether
  // the log still has the record before it.
  void ConfirmLastRecord(PartitionInBatch& progress);
  // At the end of a chunk, while its memory is there.
  void KeepLastRecords();

  // The offsets and counts of the partitions that advanced.
  std::vector<BatchRange> Ranges() const;
  std::vector<QuarantineCount> QuarantineCounts(const LandPlan& plan) const;
  std::vector<UntimedCount> UntimedCounts(const LandPlan& plan) const;
  std::vector<TableOutcome> Outcomes(const LandPlan& plan) const;
  // The rows of each table of the plan in the batch.
  std::vector<int64_t> RowsByTable(const LandPlan& plan) const;
};

}  // namespace forebay
