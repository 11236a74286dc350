// The start of a landing: topics, their ids and positions, held against the ledger; and the later looks at
// them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "commit/land_plan.h"
#include "commit/start_at.h"
#include "contract/contract.h"
#include "kafka/admin.h"
#include "ledger/ledger.h"

namespace forebay {

struct StartOptions {
  const Contract* contract = nullptr;  // outlives the landing
  std::vector<std::string> tables;     // by name; empty: all of the contract
  bool follow = false;                 // false: land up to the ends that the broker reports at the start
  StartAt start;                       // of partitions that the ledger does not have yet
  bool accept_loss = false;            // give up records that expired before they were landed
  std::vector<std::string> adopt_topics;
};

// Reads topic ids, commits the beginnings of partitions that are new, and says where each partition is read
// from (the ledger's next) and, with --once, to. Refuses, with the command that resolves it: a topic that
// does not exist, one that was recreated, records that expired before they were landed, a ledger that is
// ahead of the topic, a contract that rows of the lake do not fit.
Result<LandPlan> PrepareLanding(const StartOptions& options, kafka::Admin& admin, Ledger& ledger);

// What a look at the topics found since the plan was made.
struct TopicChanges {
  std::vector<kafka::Position> added;  // new partitions, from offset 0
};

// How many partitions of each topic the plan reads.
std::vector<int32_t> KnownPartitions(const LandPlan& plan);

// Reads the topic ids again: kUnavailable when one changed. `known_partitions` is by topic.
Result<TopicChanges> RefreshTopics(const LandPlan& plan, kafka::Admin& admin,
                                   const std::vector<int32_t>& known_partitions);

// Commits the beginnings of partitions that RefreshTopics found, and counts them as known.
Status BeginAdded(const LandPlan& plan, const std::vector<kafka::Position>& added, Ledger& ledger,
                  std::vector<int32_t>* known_partitions);

}  // namespace forebay
