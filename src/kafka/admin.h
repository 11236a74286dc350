// What is asked of the brokers beside records: topics, their ids and settings, and where partitions begin and
// end.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "kafka/client_config.h"

namespace forebay::kafka {

class Handle;

// How long to wait for brokers that do not answer, and what ends the waiting early.
struct RetryOptions {
  int64_t limit_ms = 30'000;                // below 0: for ever
  const std::atomic<bool>* stop = nullptr;  // when it becomes true, the call ends with kCancelled; not owned
};

struct TopicInfo {
  std::string name;
  bool exists = false;
  TopicId id;  // empty when it does not exist
  int32_t partitions = 0;
};

struct NewTopic {
  std::string name;
  int32_t partitions = 1;
  int32_t replication_factor = -1;              // -1: the broker's default
  std::map<std::string, std::string> settings;  // "retention.ms" -> "604800000"
};

struct NamedPartition {
  std::string topic;
  PartitionId partition;
  auto operator<=>(const NamedPartition&) const = default;
};

struct Watermarks {
  Offset earliest;  // the first offset that the broker still has
  Offset stable;    // the last stable offset: what a read_committed consumer can reach. Not the cached one
};

// One connection for questions. Every call waits for brokers as long as RetryOptions allows, says so in the
// log every few seconds ("broker 127.0.0.1:9092 does not answer, waiting"), and fails with kUnavailable after
// that, or with kCancelled. Calls may come from any thread, one at a time.
class Admin {
 public:
  static Result<std::unique_ptr<Admin>> Open(const ClientConfig& config,
                                             const RetryOptions& retry = RetryOptions());
  ~Admin();

  // Returns when a broker has answered.
  Status WaitForBroker();

  // One entry for each name, in order. A topic that does not exist is an entry with exists == false, not an
  // error. Ids come from the brokers at each call; nothing is cached.
  Result<std::vector<TopicInfo>> DescribeTopics(const std::vector<std::string>& names);

  // The named topic's effective settings. A topic that does not exist is an error.
  Result<std::map<std::string, std::string>> TopicSettings(const std::string& topic);

  // Creates topics, and waits until the brokers describe them. A topic that is already there is an error.
  Status CreateTopics(const std::vector<NewTopic>& topics);

  // Asked of the brokers at each call, for read_committed; one entry for each partition, in order.
  Result<std::vector<Watermarks>> QueryWatermarks(const std::vector<NamedPartition>& partitions);

  // The first offset whose timestamp is at or after `timestamp_ms`, one for each partition, in order; where
  // there is none, the partition's last stable offset.
  Result<std::vector<Offset>> OffsetsForTimestamp(const std::vector<NamedPartition>& partitions,
                                                  int64_t timestamp_ms);

 private:
  Admin(std::unique_ptr<Handle> handle, const RetryOptions& retry);

  std::unique_ptr<Handle> handle_;
  RetryOptions retry_;
};

}  // namespace forebay::kafka
