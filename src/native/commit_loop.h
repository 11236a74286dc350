// The commit stage: decides and publishes the staged batches of all shards one at a time, and polls the
// topics for changes.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "base/bounded_queue.h"
#include "commit/commit.h"
#include "commit/start.h"
#include "kafka/admin.h"
#include "ledger/ledger.h"
#include "native/session_context.h"

namespace forebay {

// Messages from the commit thread to the consuming thread. Thread-safe.
class Mailbox {
 public:
  void PostAdded(std::vector<kafka::Position> added);
  void PostCommitted(const std::vector<kafka::Position>& committed);
  // Additional partitions that the consumer must read from now on.
  std::vector<kafka::Position> DrainAdded();
  // Positions of decided batches, which the consumer commits to Kafka for lag tools.
  std::vector<kafka::Position> DrainCommitted();

 private:
  std::mutex mutex_;
  std::vector<kafka::Position> added_;
  std::vector<kafka::Position> committed_;
};

// Runs only on the commit thread, which is the only user of the ledger during the session.
class CommitLoop {
 public:
  CommitLoop(SessionContext& session, kafka::Admin& admin, Ledger& ledger, Committer& committer,
             Mailbox& mailbox);

  // Runs until the queue is closed and empty, or until an error.
  Status Run(BoundedQueue<StagedBatch>& batches);

 private:
  Status CommitOne(StagedBatch batch);
  Status BeginNewPartitions();
  Status Adopt(const TopicChanges& changes);
  // Looks for topics that appeared since the plan was made, once a flush interval.
  Status LookForTopics();
  std::vector<kafka::Position> PositionsOf(const std::vector<BatchRange>& ranges) const;

  SessionContext& session_;
  kafka::Admin& admin_;
  Ledger& ledger_;
  Committer& committer_;
  Mailbox& mailbox_;
  std::vector<int32_t> known_partitions_;  // by topic
  double looked_at_s_;                     // for new topics; monotonic
};

}  // namespace forebay
