// Start of a landing: compares topics, their ids and their positions with the ledger; later, polls the topics
// for changes.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "commit/land_plan.h"
#include "commit/start_at.h"
#include "contract/contract.h"
#include "kafka/admin.h"
#include "kafka/client_config.h"
#include "ledger/ledger.h"
#include "store/table_store.h"

namespace forebay {

struct StartOptions {
  const Contract* contract = nullptr;  // outlives the landing
  std::vector<std::string> tables;     // by name; empty: all of the contract's
  bool follow = false;                 // false: stop at the ends reported by the broker at the start
  StartAt start;                       // for partitions that the ledger does not have yet
  bool accept_loss = false;            // continue without records that expired before landing
  std::vector<std::string> adopt_topics;
  std::vector<kafka::NamedPartition> adopt_logs;  // that were cut back and grew again
  const kafka::ClientConfig* brokers = nullptr;   // outlives the landing
  // Set by a signal: land consumed records and end. May be null.
  const std::atomic<bool>* stop = nullptr;
};

// Reads the topic ids and commits the beginnings of new partitions. Returns the start of each partition (the
// ledger's next position) and, with --once, its end. Refuses these cases, and names the command that resolves
// each: a missing topic that the contract names, a recreated topic, a topic of another table, a log that is
// not the one that was landed, records that expired before they were landed, a ledger that is ahead of the
// topic, and a contract that does not fit the rows of the lake.
Result<LandPlan> PrepareLanding(const StartOptions& options, kafka::Admin& admin, TableStore& store,
                                Ledger& ledger);

// Logs the plan's warnings, unless `said` has the same already; then `said` is what was logged.
void WarnOnce(const LandPlan& plan, std::vector<std::string>* said);

// Changes to the topics since the plan was made.
struct TopicChanges {
  std::vector<kafka::Position> added;  // new partitions, from offset 0
  std::vector<TopicId> gone;           // topics that a pattern of the contract matched, and that are deleted
};

// Number of partitions of each topic that the plan reads.
std::vector<int32_t> KnownPartitions(const LandPlan& plan);

// The topics that the contract selects at the brokers and the plan does not have: they appeared since. A plan
// made now has them. Costs no request where the contract has no patterns.
Result<std::vector<std::string>> FindNewTopics(const StartOptions& options, const LandPlan& plan,
                                               kafka::Admin& admin);

// Reads the topic ids again. Returns kUnavailable when one has changed, or a topic that the contract names is
// gone. `known_partitions` is indexed by topic.
Result<TopicChanges> RefreshTopics(const LandPlan& plan, kafka::Admin& admin,
                                   const std::vector<int32_t>& known_partitions);

// For a batch of these ranges: kConflict if one of them is of a topic that is gone, since its records cannot
// be confirmed any more. A plan made now goes on without the topic.
Status CheckGone(const LandPlan& plan, const TopicChanges& changes, const std::vector<BatchRange>& ranges);
// Says so of each topic that is gone.
void WarnOfGone(const LandPlan& plan, const TopicChanges& changes);

// Commits the beginnings of partitions that RefreshTopics found, and adds them to `known_partitions`.
Status BeginAdded(const LandPlan& plan, const std::vector<kafka::Position>& added, Ledger& ledger,
                  std::vector<int32_t>* known_partitions);

}  // namespace forebay
