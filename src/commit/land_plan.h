// The topics and positions that a landing reads.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "contract/contract.h"
#include "kafka/consumer.h"
#include "ledger/records.h"

namespace arrow {
class Schema;
}

namespace forebay {

// A topic as the lander found it at the start. Its position in LandPlan::topics is the topic index that
// messages carry.
struct LandTopic {
  const Table* table = nullptr;
  TopicId id;
  std::shared_ptr<arrow::Schema> schema;
};

struct LandPlan {
  std::vector<LandTopic> topics;  // one for each table, in the contract's order
  std::shared_ptr<arrow::Schema> quarantine_schema;
  std::vector<kafka::Position> starts;  // start position of each partition
  // In the order of `starts`: the partition's log, and the last record landed of it, with its leader epoch in
  // the log of today; nullopt: none, or Kafka does not have it any more.
  std::vector<TopicPartition> logs;
  std::vector<std::optional<LandedRecord>> last_records;
  std::vector<kafka::Position> ends;  // --once: end positions, in the order of `starts`; else empty
  // Offsets behind open transactions, of all partitions: beyond `ends`, and not landed before those end.
  int64_t held_back = 0;

  // Appends a partition that begins.
  void Add(const kafka::Position& start) {
    starts.push_back(start);
    logs.push_back({topics[start.topic].id, start.partition});
    last_records.emplace_back();
  }
  // Of a log; nullopt as in `last_records`.
  std::optional<LandedRecord> LastRecordOf(const TopicPartition& log) const {
    for (size_t i = 0; i < logs.size(); ++i) {
      if (logs[i] == log) return last_records[i];
    }
    return std::nullopt;
  }
  // The partition's log; the first incarnation if it began after the plan was made.
  TopicPartition LogOf(const TopicId& topic, PartitionId partition) const {
    for (const TopicPartition& log : logs) {
      if (log.topic_id == topic && log.partition == partition) return log;
    }
    return {topic, partition};
  }
};

}  // namespace forebay
