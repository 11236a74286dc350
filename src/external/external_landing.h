// The driver side of an engine: holds the lake's lock, says what is to be landed, and decides what was
// staged. Everything that it decides, it decides as the native lander does.
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
#include "ledger/open_lake.h"

namespace forebay {

struct ExternalOptions {
  StartOptions start;  // its contract is `contract`, its `follow` is ignored
  std::shared_ptr<const Contract> contract;
  std::string brokers;
  std::string kafka_config;  // path of a file of librdkafka settings; may be empty
  std::string lake;
  std::string engine;  // "spark"
  bool wait_for_lock = false;
  bool follow = false;                      // wait for brokers for ever, instead of for half a minute
  std::optional<double> max_reject_rate;    // of a batch's records, 0 to 1
  const std::atomic<bool>* stop = nullptr;  // ends waiting with kCancelled; outlives the landing
};

// Where a Kafka partition is to be landed from, and how far it could be by now.
struct EnginePosition {
  std::string table;
  std::string topic;
  TopicId topic_id;
  PartitionId partition;
  Offset next;
  Offset end;  // the last stable offset
};

struct EngineCommit {
  BatchId batch;  // 0: there was nothing to land, and nothing was written
  int64_t rows = 0;
  int64_t quarantined = 0;
  int64_t tombstones = 0;
  int64_t files = 0;
  int64_t bytes = 0;
};

// One thread at a time. The lock is held from Open to the end.
class ExternalLanding {
 public:
  // Takes the lock, opens lake and ledger, and recovers.
  static Result<std::unique_ptr<ExternalLanding>> Open(const ExternalOptions& options);
  ~ExternalLanding();

  // What the recovery did, as a sentence; empty when there was nothing to do.
  const std::string& recovered() const { return recovered_; }

  // The brokers' addresses written in full, "host:port,host:port".
  const std::string& brokers() const { return brokers_.brokers(); }

  // Every partition's position, in the order of tables and partitions: as `forebay land` begins, with the
  // same refusals. To be called first, and again after kConflict.
  Result<std::vector<EnginePosition>> Plan();

  // Lands a batch of what was staged for these ranges, and gives its totals. Empty ranges are passed over.
  //   kInvalidArgument     as BuildProposal; nothing was landed
  //   kConflict  somebody else landed these records: nothing was landed, the staged files are gone
  //   others     as Committer::Commit: the process ends, and the next Open recovers
  // kInvalidArgument before Plan was called.
  Result<EngineCommit> Commit(const std::vector<EngineRange>& ranges,
                              const std::vector<std::string>& manifests,
                              const std::vector<std::string>& decoded);

  // Partitions that were added since the plan: begun at 0 in the ledger, and part of the plan from now on.
  // kConflict: somebody else began them; plan again. kInvalidArgument before Plan was called.
  Result<std::vector<EnginePosition>> NewPartitions();

  // Leaves the positions of decided batches at the brokers, for lag tools. Failures are of no account.
  void CommitOffsets();

 private:
  ExternalLanding(const ExternalOptions& options, kafka::ClientConfig brokers);

  Status Recover();
  Result<std::vector<EnginePosition>> Describe(const std::vector<kafka::Position>& starts) const;
  Result<std::vector<std::unique_ptr<StagedFile>>> OpenStaged(const BatchProposal& proposal) const;
  void NoteCommitted(const std::vector<BatchRange>& ranges);

  ExternalOptions options_;
  const kafka::ClientConfig brokers_;
  OpenedLake lake_;
  std::unique_ptr<Committer> committer_;
  std::unique_ptr<kafka::Admin> admin_;
  std::string recovered_;
  std::optional<LandPlan> plan_;
  std::vector<int32_t> known_partitions_;      // by topic of the plan
  std::vector<kafka::Position> committed_;     // not yet left at the brokers; topics of the plan
  std::unique_ptr<kafka::Consumer> consumer_;  // made when offsets are left for the first time
};

}  // namespace forebay
