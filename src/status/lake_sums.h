// Sums over a lake's batches, by table. Batches are added as they arrive, so that polling a big lake costs
// only the new batches.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "contract/contract.h"
#include "ledger/records.h"
#include "status/completeness.h"
#include "status/lake_status.h"

namespace forebay {

// Thread-compatible. Memory: proportional to the number of tables, partitions, directories and reasons, plus
// 24 bytes for each batch that took a partition further.
class LakeSums {
 public:
  // The freshness that the newest contract demands of the current topics, by name. `now` as for Tables.
  std::map<std::string, int64_t> FreshnessByTopic(const LedgerSnapshot& now);
  // REQUIRES: the batch is published, and newer than all added batches; `now` is the ledger when it was read.
  void Add(const LedgerBatch& batch, const LedgerSnapshot& now);

  // The tables of the current topics. `now` is the current ledger; it contains only the batches that were not
  // added, because they are half published. `brokers`: by topic; none when the brokers were not queried.
  std::vector<TableStatus> Tables(const LedgerSnapshot& now, const std::optional<TopicsAtBrokers>& brokers,
                                  const CompletenessOptions& options);

 private:
  struct PartitionNewest {
    std::optional<int64_t> event_us;
    std::optional<int64_t> kafka_ms;
  };
  // INVARIANT: everything that does not depend on the brokers or the clock equals the sum over the added
  // batches.
  struct TableSum {
    uint64_t landed = 0;
    uint64_t tombstones = 0;
    uint64_t untimed = 0;
    std::optional<int64_t> newest_event_us;
    std::optional<int64_t> newest_kafka_ms;
    std::optional<int64_t> last_landed_at_ms;
    BatchId last_events;                // the last batch with event times and Kafka timestamps
    std::optional<int64_t> latency_ms;  // of its newest event
    std::map<std::string, uint64_t> quarantined;
    std::map<TopicPartition, PartitionNewest> newest;
    PartitionAdvances advance;
    std::map<std::string, PeriodStatus> directories;
  };

  // The ledger's current partitions, by topic id.
  using PartitionsById = std::map<TopicId, std::vector<const LedgerPartition*>>;

  void AddRange(const LedgerBatch& batch, const BatchRange& range, const LedgerTopic& topic,
                const std::vector<LedgerPartition>& partitions, TableSum* sum);
  void AddContract(const std::string& hash);
  // The table as described by the newest contract that contains it, or the template that gives it for this
  // topic.
  struct DescribedTable {
    const Table* table = nullptr;
    bool is_removed = false;  // a newer contract does not have it
  };
  DescribedTable NewestTable(const LedgerSnapshot& now, const LedgerTopic& topic);
  const Contract* Parsed(const LedgerSnapshot& now, const std::string& hash);
  // `topics`: the current ones of a table.
  TableStatus Describe(const LedgerSnapshot& now, const std::vector<const LedgerTopic*>& topics,
                       const PartitionsById& partitions, const std::optional<TopicsAtBrokers>& brokers,
                       const CompletenessOptions& options);
  static void AddPartitionFacts(const LedgerSnapshot& now, TableSum* sum, TableStatus* status);
  void AddPeriods(const std::optional<PartitionDimension>& dimension, bool unpublished,
                  const CompletenessOptions& options, TableSum* sum, TableStatus* status);

  std::map<std::string, TableSum> tables_;
  std::optional<int64_t> newest_kafka_ms_;  // of all tables
  std::vector<std::string> contracts_;      // hashes; that of the newest batch is last
  std::map<std::string, std::optional<Contract>> parsed_;
};

}  // namespace forebay
