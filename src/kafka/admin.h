// Requests to the brokers other than for records: topics, their ids and settings, and the first and last
// offsets of partitions.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "kafka/client_config.h"
#include "kafka/open_transactions.h"

namespace forebay::kafka {

class Handle;

// How long to wait for unresponsive brokers, and a flag that ends the wait early.
// For commands that show what they can without the brokers.
inline constexpr int64_t kBrokersDownMs = 1000;

struct RetryOptions {
  int64_t limit_ms = 30'000;                // below 0: without limit
  const std::atomic<bool>* stop = nullptr;  // true ends the call with kCancelled; not owned
  int64_t limit_while_down_ms = INT64_MAX;  // a shorter one, for as long as no broker accepts a connection
};

struct TopicInfo {
  std::string name;
  bool exists = false;
  TopicId id;  // empty when it does not exist
  int32_t partitions = 0;
};

using SettingsOfTopic = std::map<std::string, std::string>;  // "retention.ms" -> "604800000"

struct NewTopic {
  std::string name;
  int32_t partitions = 1;
  int32_t replication_factor = -1;  // -1: the broker's default
  SettingsOfTopic settings;
};

struct NamedPartition {
  std::string topic;
  PartitionId partition;
  auto operator<=>(const NamedPartition&) const = default;
};

struct Watermarks {
  Offset earliest;  // the first offset still at the broker
  Offset stable;    // the last stable offset: the end for a read_committed consumer. Not the cached one
  Offset end;       // the end of the log, at or after `stable`: open transactions included
};

// A connection for admin requests. Every call waits for brokers as long as RetryOptions allows and logs that
// every few seconds ("broker 127.0.0.1:9092 does not answer, waiting"). It then fails with kUnavailable, or
// with kCancelled after a stop. Thread-safety: calls may come from any thread, one at a time.
class Admin {
 public:
  static Result<std::unique_ptr<Admin>> Open(const ClientConfig& config,
                                             const RetryOptions& retry = RetryOptions());
  ~Admin();

  // Their addresses, "host:port,host:port".
  const std::string& brokers() const;

  // Returns once a broker has answered.
  Status WaitForBroker();

  // The names of all topics that this principal may describe, Kafka's internal ones among them; unordered.
  Result<std::vector<std::string>> ListTopics();

  // Returns one entry for each name, in order; a name may occur twice. One request for all of them. For a
  // topic that does not exist, `exists` is false; that is not an error. Ids come from the brokers at each
  // call; nothing is cached.
  Result<std::vector<TopicInfo>> DescribeTopics(const std::vector<std::string>& names);

  // The effective settings of the named topic. A topic that does not exist is an error. Nullopt: this
  // principal may not read them, for lack of the right DescribeConfigs.
  Result<std::optional<SettingsOfTopic>> TopicSettings(const std::string& topic);
  // The same of many topics, in order: one request for some hundreds of them. REQUIRES: no topic is named
  // twice.
  Result<std::vector<std::optional<SettingsOfTopic>>> TopicSettings(const std::vector<std::string>& topics);

  // Creates topics, and waits until the brokers describe them. A topic that already exists is an error.
  Status CreateTopics(const std::vector<NewTopic>& topics);

  // Queries the brokers at each call, all partitions of a broker at once. Returns one entry for each
  // partition, in order. REQUIRES: no partition is named twice.
  Result<std::vector<Watermarks>> QueryWatermarks(const std::vector<NamedPartition>& partitions);

  // What the brokers tell of the transactions that hold these partitions back, in order. Takes some seconds
  // at most; never fails: what they don't tell stays empty. They tell producers only where the connection
  // needs neither TLS nor SASL.
  std::vector<OpenTransaction> DescribeTransactions(const std::vector<HeldPartition>& held);

  // Returns, for each partition in order, the first offset whose timestamp is at or after `timestamp_ms`. If
  // there is none, the partition's last stable offset.
  Result<std::vector<Offset>> OffsetsForTimestamp(const std::vector<NamedPartition>& partitions,
                                                  int64_t timestamp_ms);

 private:
  Admin(std::unique_ptr<Handle> handle, const RetryOptions& retry);

  std::unique_ptr<Handle> handle_;
  RetryOptions retry_;
};

}  // namespace forebay::kafka
