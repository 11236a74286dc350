// The rules for a row as a whole, whatever the format of the record: event time, partition directory, key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
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
  bool CheckEventTime(int64_t kafka_ms, RowBuilder& row, std::optional<int64_t>* event_time_micros) const;
  bool FindPartition(RowBuilder& row, uint32_t* directory);
  uint64_t HashKey(const RecordView& record, const RowBuilder& row) const;
  // A field that a rule is about.
  struct Place {
    const Field* field;
    std::vector<size_t> nodes;  // from the record down; empty: the Kafka timestamp
    std::string path;           // for messages
  };
  Place Compile(const FieldPlace& place) const;
  // Its slot in the current row: a null slot where an object around it is absent.
  const Slot& SlotOf(const RowBuilder& row, const Place& place) const;

  const SchemaTree& schema_;
  const Table& table_;
  PartitionIndex partitions_;
  std::optional<Place> event_time_;
  std::vector<Place> primary_key_;
  std::vector<Place> dimensions_;
  std::vector<const Slot*> partition_values_;  // of the current row
  Slot kafka_timestamp_ = Slot::Null();        // of the current row
  const Slot absent_ = Slot::Null();
};

}  // namespace forebay
