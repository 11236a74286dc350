// The driver side of an external engine: holds the lake's lock, plans what to land, and decides staged
// batches. It decides them exactly as the native lander does.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "commit/commit.h"
#include "commit/start.h"
#include "external/proposal.h"
#include "kafka/admin.h"
#include "kafka/client_config.h"
#include "kafka/consumer.h"
#include "ledger/field_sums.h"
#include "ledger/open_lake.h"

namespace arrow {
class Schema;
}

namespace forebay {

struct ExternalOptions {
  StartOptions start;  // the landing sets its `contract`, and ignores its `follow`
  std::shared_ptr<const Contract> contract;
  std::string brokers;
  std::string kafka_config;  // path of a file of librdkafka settings; may be empty
  std::string lake;
  std::string engine;          // "spark"
  std::string consumer_group;  // for lag tools; empty: CommitOffsets does nothing
  bool wait_for_lock = false;
  bool existing = false;                    // refuse to begin a new lake
  bool follow = false;                      // wait for brokers indefinitely, not only for 30 s
  std::optional<double> max_reject_rate;    // of a table's records in a batch: see CheckRejectRate
  const std::atomic<bool>* stop = nullptr;  // ends waiting with kCancelled; outlives the landing
};

// The offset from which to land a Kafka partition, and its current end.
struct EnginePosition {
  std::string table;
  std::string topic;
  TopicId topic_id;
  PartitionId partition;
  Offset next;
  Offset end;  // the last stable offset
};

struct EngineCommit {
  BatchId batch;  // 0: nothing to land, and nothing was written
  int64_t rows = 0;
  int64_t quarantined = 0;
  int64_t tombstones = 0;
  int64_t files = 0;
  int64_t bytes = 0;
  int64_t untimed = 0;  // records without a usable Kafka timestamp
};

// Owned by one thread at a time. Holds the lock from Open until it is destroyed.
class ExternalLanding {
 public:
  // Acquires the lock, opens lake and ledger, and recovers.
  static Result<std::unique_ptr<ExternalLanding>> Open(const ExternalOptions& options);
  ~ExternalLanding();

  // Whether the landing began the lake.
  bool new_lake() const { return lake_.begun; }

  // The recovery's actions, as a sentence; empty if there were none.
  const std::string& recovered() const { return recovered_; }

  // The brokers' addresses in full, "host:port,host:port".
  const std::string& brokers() const { return brokers_.brokers(); }

  // Returns every partition's position, in the order of tables and partitions. It begins as `forebay land`
  // does, and fails for the same reasons. The caller calls Plan first, and again after kConflict.
  Result<std::vector<EnginePosition>> Plan();

  // Offsets behind open transactions when Plan was last called: beyond the ends of its positions.
  int64_t held_back() const { return plan_ ? plan_->held_back : 0; }
  // The columns of a table's new files, for its stagers: the contract's, and those that files have from
  // earlier contracts. kInvalidArgument: Plan was not called, or does not have the table.
  Result<std::shared_ptr<arrow::Schema>> FileSchemaOf(const std::string& table) const;
  // Checks the columns that a transform gives the rows of a table of the plan, before anything is staged. As
  // ColumnsOfFile; kFailedPrecondition if the table's files have a column of another type.
  Status CheckColumns(const std::string& table, const arrow::Schema& columns);

  // Lands the staged records of these ranges as a batch, and returns its totals. Empty ranges are ignored.
  //   kInvalidArgument  as BuildProposal, or Plan was not called; nothing was landed
  //   kConflict         another lander landed these records, or a topic is gone that a pattern matched: nothing
  //                     was landed, the staged files are gone
  //   others            as Committer::Commit: the process must end, and the next Open recovers
  Result<EngineCommit> Commit(const std::vector<EngineRange>& ranges,
                              const std::vector<std::string>& manifests,
                              const std::vector<std::string>& decoded);

  // Returns the partitions that were added since the plan. They begin at 0 in the ledger, and are part of the
  // plan from now on.
  //   kConflict         another lander began them: call Plan again
  //   kInvalidArgument  Plan was not called
  Result<std::vector<EnginePosition>> NewPartitions();

  // The topics that have appeared since the plan and that patterns of the contract match: Plan lands them.
  // None where the contract has no patterns. kInvalidArgument: Plan was not called, or the contract cannot
  // have them.
  Result<std::vector<std::string>> NewTopics();

  // What the rows landed so far tell about the contract, as a JSON object: see WriteFieldSums.
  std::string FieldReport() const;

  // Commits the positions of decided batches to the brokers, for lag tools. Ignores failures.
  void CommitOffsets();

 private:
  ExternalLanding(const ExternalOptions& options, kafka::ClientConfig brokers);

  Status Recover();
  Result<std::vector<EnginePosition>> Describe(const std::vector<kafka::Position>& starts) const;
  Result<std::vector<std::unique_ptr<StagedFile>>> OpenStaged(const BatchProposal& proposal) const;
  Status CheckTopics(const std::vector<BatchRange>& ranges);
  void NoteCommitted(const std::vector<BatchRange>& ranges);

  ExternalOptions options_;
  const kafka::ClientConfig brokers_;
  OpenedLake lake_;
  std::unique_ptr<Committer> committer_;
  std::unique_ptr<kafka::Admin> admin_;
  std::string recovered_;
  std::optional<LandPlan> plan_;
  std::vector<int32_t> known_partitions_;      // by topic of the plan
  std::vector<std::string> said_;              // of the plan, as logged
  FieldSumsByTable fields_;                    // of the committed batches
  std::vector<kafka::Position> committed_;     // not yet committed to the brokers; topics of the plan
  std::unique_ptr<kafka::Consumer> consumer_;  // created by the first CommitOffsets
};

}  // namespace forebay
