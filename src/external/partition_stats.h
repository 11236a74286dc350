// The outcomes of the records of each Kafka partition. They are counted when records are decoded and again
// when rows are staged, so that the two can be compared before a batch is decided.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ids.h"
#include "base/result.h"

namespace forebay {

// A number of records, and a fingerprint of their positions: the sum modulo 2^64 of HashPosition over them.
struct CountedRecords {
  int64_t records = 0;
  uint64_t position_sum = 0;

  // `topic` as in HashPosition.
  void Add(std::string_view topic, PartitionId partition, Offset offset);
  void Add(const CountedRecords& other) {
    records += other.records;
    position_sum += other.position_sum;
  }
  bool operator==(const CountedRecords&) const = default;
};

// The statistics of one Kafka partition. INVARIANT: if anything was counted, first_offset <= last_offset, and
// every offset lies between them; quarantined.records is the sum of `reasons`.
struct PartitionStats {
  CountedRecords rows;
  CountedRecords quarantined;
  CountedRecords tombstones;
  int64_t untimed = 0;  // of all of these: records without a usable Kafka timestamp
  std::map<std::string, int64_t> reasons;
  std::optional<int64_t> max_event_time_us;
  // Of the record with the greatest offset that has a timestamp, and that offset.
  std::optional<int64_t> last_kafka_timestamp_ms;
  std::optional<int64_t> last_timestamp_offset;
  std::optional<int64_t> first_offset;
  std::optional<int64_t> last_offset;
  std::optional<uint64_t>
      last_fingerprint;  // of the record at last_offset; nullopt: the step does not see its bytes

  // Notes the offset and Kafka timestamp (-1: none) of a counted record.
  void ObserveOffset(Offset offset, int64_t timestamp_ms);
  // Notes the fingerprint of a counted record; that of the last one is kept.
  void ObserveFingerprint(Offset offset, uint64_t fingerprint);
  void AddEventTime(int64_t micros);
  void Add(const PartitionStats& other);
  int64_t records() const { return rows.records + quarantined.records + tombstones.records; }
  bool operator==(const PartitionStats&) const = default;

 private:
  void Cover(int64_t offset);
  void ObserveTimestamp(int64_t offset, int64_t timestamp_ms);
};

// A Kafka partition of a table; the topic is empty for a table of one topic.
struct StatsKey {
  std::string topic;
  PartitionId partition;

  bool operator==(const StatsKey&) const = default;
};
struct StatsKeyLess {
  using is_transparent = void;
  using View = std::pair<std::string_view, PartitionId>;
  static View ViewOf(const StatsKey& key) { return {key.topic, key.partition}; }
  static View ViewOf(const View& key) { return key; }
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    return ViewOf(a) < ViewOf(b);
  }
};

// The statistics of one table's topics.
using TopicStats = std::map<StatsKey, PartitionStats, StatsKeyLess>;

// Those of a partition; added if there are none.
PartitionStats& StatsOf(TopicStats& stats, std::string_view topic, PartitionId partition);

// Checks that the staged records are the decoded ones, as far as sums can distinguish records. Otherwise
// returns kInvalidArgument and describes the transform's change to the table's rows.
Status CheckSameRecords(const std::string& table, const TopicStats& decoded, const TopicStats& staged);

}  // namespace forebay
