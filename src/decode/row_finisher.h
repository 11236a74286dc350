// The rules for a row as a whole, whatever the format of the record: event time, partition directory, key.
#pragma once

#include <cstdint>
#include <vector>

#include "contract/contract.h"
#include "decode/partition_index.h"
#include "decode/record.h"
#include "decode/row_builder.h"
#include "decode/row_run.h"
#include "decode/schema_tree.h"

namespace forebay {

// Not thread-safe. The schema must outlive it.
class RowFinisher {
 public:
  RowFinisher(const SchemaTree& schema, PartitionIndex partitions);

  // Sets what `out` says about the row as a whole, or rejects the row: for an event time that is too far from
  // the Kafka timestamp (`now_ms` if the record has none), then for a value that cannot name a directory.
  // REQUIRES: the row has all its slots, and is not rejected.
  void Finish(const RecordView& record, int64_t now_ms, RowBuilder& row, RowRun::Row* out);

  PartitionIndex& partitions() { return partitions_; }

 private:
  bool CheckEventTime(int64_t kafka_ms, RowBuilder& row, int64_t* event_time_micros) const;
  bool FindPartition(RowBuilder& row, uint32_t* directory);
  uint64_t HashKey(const RecordView& record, const RowBuilder& row) const;
  const Slot& SlotOf(const RowBuilder& row, size_t field) const {
    return row.top_slot(schema_.root->children[field]);
  }

  const SchemaTree& schema_;
  const Table& table_;
  PartitionIndex partitions_;
  std::vector<const Slot*> partition_values_;  // of the current row
};

}  // namespace forebay
