// The contents and progress of a lake, from its ledger and, if requested, the brokers. Reads no data files
// except for a few rejected records, as examples. docs/operations.md explains the terms.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "contract/contract.h"
#include "kafka/admin.h"
#include "kafka/client_config.h"
#include "ledger/field_sums.h"
#include "ledger/records.h"
#include "read/quarantine_examples.h"
#include "status/completeness.h"
#include "status/service_level_status.h"

namespace forebay {

// One topic of a table.
struct TopicStatus {
  std::string topic;
  TopicId id;         // of the current incarnation
  std::string error;  // why the topic at the brokers is not the landed one: recreated, gone; empty otherwise
  // Why nothing is landed of it any more, and that is in order: the contract does not have it any more, or a
  // pattern matched it and it is gone. Empty otherwise.
  std::string ended;
};

struct PartitionStatus {
  std::string topic;
  TopicId topic_id;
  bool has_ended = false;  // TopicStatus::ended
  PartitionId partition;
  Incarnation incarnation = kFirstIncarnation;  // of its log; above the first: adopted
  Offset beginning;
  Offset next;
  std::optional<Offset> earliest;      // at the brokers
  std::optional<Offset> stable;        // at the brokers: the last stable offset
  std::optional<Offset> end;           // at the brokers: the end of the log
  kafka::OpenTransaction transaction;  // what is known of the one that holds records back
  std::optional<int64_t> newest_event_us;
  std::optional<int64_t> newest_kafka_ms;
  // Landed offsets that the log at the brokers does not reach: it was cut back, or these are other brokers
  // than those that it was landed from. No lag shows them. None: not asked.
  std::optional<int64_t> cut_back;
  // The records that are not landed and older than the contract's freshness; none: not asked.
  std::optional<int64_t> late_records;

  std::optional<int64_t> lag() const {
    if (!stable) return std::nullopt;
    return std::max<int64_t>(0, stable->value() - next.value());
  }
  // Offsets that expired at the brokers before they were landed.
  std::optional<int64_t> expired() const {
    if (!earliest) return std::nullopt;
    return std::max<int64_t>(0, earliest->value() - next.value());
  }
  // Offsets behind an open transaction: no consumer of committed records can read them yet.
  std::optional<int64_t> held_back() const {
    if (!stable || !end) return std::nullopt;
    return std::max<int64_t>(0, end->value() - std::max(*stable, next).value());
  }
};

// One date (or hour) of a table, over all other levels of its directories.
struct PeriodStatus {
  std::string period;  // "2025-10-30", in the table's time zone; for a table without periods, the directory
  PeriodState state = PeriodState::kUnknown;
  std::string waits_for;
  std::optional<int64_t> end_us;  // none if it is no period
  uint64_t rows = 0;
  uint64_t files = 0;
  uint64_t bytes = 0;
  uint64_t checksum = 0;  // sum of HashPosition over the rows: identifies the set of records
  uint64_t key_sum = 0;   // sum of the hashes of the rows' primary keys
  BatchId last_batch;     // the last batch that added to it
  int64_t last_landed_at_ms = 0;
  std::optional<BatchId> completed_by;
  bool reopened = false;  // records arrived after the batch that completed it
};

struct TableStatus {
  std::string table;
  std::vector<TopicStatus> topics;  // at least one, by name
  bool in_contract = true;  // false: the newest contract lacks it, and its topics are not landed any more
  uint64_t rows = 0;        // in the files that exist
  uint64_t files = 0;
  uint64_t bytes = 0;
  uint64_t landed = 0;  // rows ever landed, including removed ones
  uint64_t tombstones = 0;
  uint64_t untimed = 0;                         // of all of these: without a usable Kafka timestamp
  std::map<std::string, uint64_t> quarantined;  // by reason
  FieldSums fields;                             // what the landed rows tell about the contract
  std::optional<int64_t> newest_event_us;
  std::optional<int64_t> newest_kafka_ms;
  std::optional<int64_t> last_landed_at_ms;
  std::vector<PartitionStatus> partitions;
  std::string time_zone;  // of the periods: "UTC", "America/New_York"; empty for a table without periods
  std::vector<PeriodStatus> periods;  // ascending
  std::vector<ServiceLevelStatus> service_levels;

  bool has_several_topics() const { return topics.size() > 1; }
  // Over the partitions of topics that have not ended. None when the brokers were not queried, or do not have
  // a topic.
  std::optional<int64_t> lag() const;
  std::optional<int64_t> expired() const;
  std::optional<int64_t> held_back() const;
  std::optional<int64_t> cut_back() const;
};

// One batch, as a line of a list.
struct CommitStatus {
  BatchId batch;
  bool published = false;
  std::string engine;  // "native 0.1.0"
  int64_t decided_at_ms = 0;
  std::optional<int64_t> published_at_ms;
  uint64_t rows = 0;
  uint64_t quarantined = 0;
  uint64_t tombstones = 0;
  uint64_t files = 0;
  uint64_t bytes = 0;
};

// A log that an operator adopted (`land --adopt-log`).
struct AdoptedLog {
  std::string topic;
  TopicPartition log;
  Offset beginning;
  int64_t adopted_at_ms = 0;
};

struct LakeStatus {
  std::string lake;
  std::string lake_id;
  int64_t now_ms = 0;
  BatchId last_batch;
  std::string engine;  // of the last batch: "native 0.1.0"
  std::optional<int64_t> last_landed_at_ms;
  std::vector<BatchId> half_published;
  uint64_t staged_files = 0;
  uint64_t free_bytes = 0;
  bool brokers_queried = false;
  std::string brokers;       // their addresses; empty when they were not queried
  std::string broker_error;  // why the brokers did not answer; empty when they did, or were not queried
  std::vector<TableStatus> tables;          // by name
  std::vector<CommitStatus> commits;        // the last kCommitsKept, newest first
  std::vector<QuarantineExample> examples;  // of each table and reason the newest kExamplesKept
  std::string examples_error;               // why some could not be read
  std::vector<LostRange> lost;
  std::map<TopicId, std::string> topic_names;  // of all incarnations
  std::vector<Adoption> adoptions;
  std::vector<AdoptedLog> adopted_logs;
};

struct StatusOptions {
  std::string lake;
  std::optional<kafka::ClientConfig> broker;
  CompletenessOptions completeness;
  int64_t broker_timeout_ms = 5000;         // a second, if no broker accepts a connection
  const std::atomic<bool>* stop = nullptr;  // may be null
};

// Returns kFailedPrecondition if options.lake is not a lake, kCorruption if its ledger is damaged, and
// kCancelled when stopped. Brokers that do not answer in time are named in LakeStatus::broker_error.
Result<LakeStatus> ReadLakeStatus(const StatusOptions& options);

inline constexpr size_t kCommitsKept = 20;

// One topic at the brokers. Empty `marks`: the topic is gone, or is not the landed incarnation.
struct TopicAtBroker {
  bool exists = true;
  std::string error;
  int32_t partitions = 0;
  std::map<PartitionId, kafka::Watermarks> marks;
  std::map<PartitionId, kafka::OpenTransaction> transactions;  // see DescribeTransactions
  std::map<PartitionId, Offset> fresh;  // where records begin that are younger than the contract's freshness
  // The landed position of each log before the brokers were asked: no log ends before it, unless it was cut
  // back.
  std::map<TopicPartition, Offset> landed;
};

using TopicsAtBrokers = std::map<std::string, TopicAtBroker>;

// What the brokers are asked about: as the ledger had it before.
struct BrokerQuery {
  std::vector<LedgerTopic> topics;
  std::vector<LedgerPartition> partitions;
  std::map<std::string, int64_t> freshness_ms;  // of the topics whose contract has a freshness
};

// Only the current incarnations count. Retries according to `admin`'s options.
Result<TopicsAtBrokers> QueryBrokers(const BrokerQuery& query, kafka::Admin& admin);

// Asks the brokers about the transactions that hold partitions back, and adds the answers to `topics`. With
// `before`, the result of an earlier query, asks only about those that were open then already, until there is
// an answer: most transactions end within moments.
void DescribeTransactions(kafka::Admin& admin, const TopicsAtBrokers* before, TopicsAtBrokers* topics);

// The table as described by the newest contract that contains it, or the template that gives it; empty if no
// readable contract of any batch contains it. Pure.
std::optional<Table> NewestTable(const LedgerSnapshot& snapshot, const std::string& table);

}  // namespace forebay
