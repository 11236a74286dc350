// The topics and positions that a landing reads.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "contract/contract.h"
#include "kafka/consumer.h"
#include "ledger/records.h"

namespace arrow {
class Schema;
}

namespace forebay {

// A table that is landed; one that a template gives has its own name and topic.
struct LandTable {
  std::shared_ptr<const Table> table;
  std::shared_ptr<arrow::Schema> schema;
};

// A topic as the lander found it at the start. Its position in LandPlan::topics is the topic index that
// messages carry.
struct LandTopic {
  std::string name;
  TopicId id;
  uint32_t table = 0;   // in LandPlan::tables
  bool by_name = true;  // the contract names it; otherwise a pattern matches it
};

struct LandPlan {
  std::vector<LandTable> tables;
  std::vector<LandTopic> topics;  // at least one of each table; in the order of the contract's tables
  std::shared_ptr<arrow::Schema> quarantine_schema;
  std::vector<kafka::Position> starts;  // start position of each partition
  // In the order of `starts`: the partition's log, and the last record landed of it, with its leader epoch in
  // the log of today; nullopt: none, or Kafka does not have it any more.
  std::vector<TopicPartition> logs;
  std::vector<std::optional<LandedRecord>> last_records;
  std::vector<kafka::Position> ends;  // --once: end positions, in the order of `starts`; else empty
  // Offsets behind open transactions, of all partitions: beyond `ends`, and not landed before those end.
  int64_t held_back = 0;
  // Sentences on tables whose patterns match no topic, or not all that were landed.
  std::vector<std::string> warnings;

  const Table& TableOf(const LandTopic& topic) const { return *tables[topic.table].table; }
  // Of a table of several topics, the topic's name; otherwise empty. As RecordView::topic.
  std::string_view RowTopicOf(const LandTopic& topic) const {
    return TableOf(topic).HasTopicColumn() ? std::string_view(topic.name) : std::string_view();
  }
  // Nullptr: it is not landed.
  const Table* FindTable(std::string_view name) const {
    for (const LandTable& land : tables) {
      if (land.table->name == name) return land.table.get();
    }
    return nullptr;
  }
  const LandTopic* FindTopic(std::string_view name) const {
    const auto found = index_.find(name);
    return found == index_.end() ? nullptr : &topics[found->second];
  }
  // REQUIRES: the plan has a log of this topic.
  uint32_t IndexOf(const TopicId& id) const { return topic_of_.at(id); }

  void Add(LandTopic topic) {
    index_.emplace(topic.name, topics.size());
    topic_of_.emplace(topic.id, static_cast<uint32_t>(topics.size()));
    topics.push_back(std::move(topic));
  }
  // Appends a partition, by default one that begins.
  void Add(const kafka::Position& start, Incarnation incarnation = kFirstIncarnation) {
    const TopicPartition log{topics[start.topic].id, start.partition, incarnation};
    log_of_.emplace(std::pair(log.topic_id, log.partition), logs.size());
    starts.push_back(start);
    logs.push_back(log);
    last_records.emplace_back();
  }
  // Of a log; nullopt as in `last_records`.
  std::optional<LandedRecord> LastRecordOf(const TopicPartition& log) const {
    const auto found = log_of_.find({log.topic_id, log.partition});
    return found != log_of_.end() && logs[found->second] == log ? last_records[found->second] : std::nullopt;
  }
  // If there is one: the last record landed of a log of the plan.
  void NoteLastRecord(const TopicPartition& log, const std::optional<LandedRecord>& record) {
    const auto found = log_of_.find({log.topic_id, log.partition});
    if (record && found != log_of_.end() && logs[found->second] == log) last_records[found->second] = record;
  }
  // The partition's log; the first incarnation if it began after the plan was made.
  TopicPartition LogOf(const TopicId& topic, PartitionId partition) const {
    const auto found = log_of_.find({topic, partition});
    return found == log_of_.end() ? TopicPartition{topic, partition} : logs[found->second];
  }

 private:
  std::map<std::string, size_t, std::less<>> index_;
  std::map<TopicId, uint32_t> topic_of_;
  std::map<std::pair<TopicId, PartitionId>, size_t> log_of_;
};

}  // namespace forebay
