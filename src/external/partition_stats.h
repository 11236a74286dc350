// What became of the records of each Kafka partition: counted where records are decoded and again where rows
// are staged, so that the one can be held against the other before anything is decided.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"

namespace forebay {

// How many records, and which: the sum modulo 2^64 of HashPosition over them.
struct CountedRecords {
  int64_t records = 0;
  uint64_t position_sum = 0;

  void Add(PartitionId partition, Offset offset);
  void Add(const CountedRecords& other) {
    records += other.records;
    position_sum += other.position_sum;
  }
  bool operator==(const CountedRecords&) const = default;
};

// Of one Kafka partition. INVARIANT: where anything was counted, first <= last, and every offset lies between
// them; quarantined.records is the sum of `reasons`.
struct PartitionStats {
  CountedRecords rows;
  CountedRecords quarantined;
  CountedRecords tombstones;
  std::map<std::string, int64_t> reasons;
  std::optional<int64_t> max_event_time_us;
  // Of the record with the greatest offset that has a timestamp, and that offset.
  std::optional<int64_t> last_kafka_timestamp_ms;
  std::optional<int64_t> last_timestamp_offset;
  std::optional<int64_t> first_offset;
  std::optional<int64_t> last_offset;

  // A record with this offset and Kafka timestamp (-1: none) was counted.
  void ObserveOffset(Offset offset, int64_t timestamp_ms);
  void AddEventTime(int64_t micros);
  void Add(const PartitionStats& other);
  int64_t records() const { return rows.records + quarantined.records + tombstones.records; }
  bool operator==(const PartitionStats&) const = default;
};

// Of one table's topic.
using TopicStats = std::map<PartitionId, PartitionStats>;

// Whether what was staged is what was decoded, record by record as far as sums can tell; kInvalidArgument
// with what a transform did to the table's rows otherwise.
Status CheckSameRecords(const std::string& table, const TopicStats& decoded, const TopicStats& staged);

}  // namespace forebay
