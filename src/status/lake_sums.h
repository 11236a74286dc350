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
// 16 bytes for each batch that took a partition further.
class LakeSums {
 public:
  // REQUIRES: the batch is published, and newer than all added batches; `topics` are the ledger's.
  void Add(const LedgerBatch& batch, const std::vector<LedgerTopic>& topics);

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
    std::optional<int64_t> newest_event_us;
    std::optional<int64_t> newest_kafka_ms;
    std::optional<int64_t> last_landed_at_ms;
    std::map<std::string, uint64_t> quarantined;
    std::map<TopicPartition, PartitionNewest> newest;
    std::map<PartitionId, PartitionAdvance> advance;
    std::map<std::string, PeriodStatus> directories;
  };

  void AddRange(const LedgerBatch& batch, const BatchRange& range, TableSum* sum);
  void AddContract(const std::string& hash);
  std::optional<Table> NewestTable(const LedgerSnapshot& now, const std::string& table);
  const Contract* Parsed(const LedgerSnapshot& now, const std::string& hash);
  TableStatus Describe(const LedgerSnapshot& now, const LedgerTopic& topic, const TopicAtBroker* at_broker,
                       const CompletenessOptions& options);
  void AddPeriods(const std::optional<PartitionDimension>& dimension, bool unpublished,
                  const CompletenessOptions& options, TableSum* sum, TableStatus* status);

  std::map<std::string, TableSum> tables_;
  std::optional<int64_t> newest_kafka_ms_;  // of all tables
  std::vector<std::string> contracts_;      // hashes; that of the newest batch is last
  std::map<std::string, std::optional<Contract>> parsed_;
};

}  // namespace forebay
