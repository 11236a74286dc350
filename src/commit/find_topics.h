// The topics that a landing reads: those that the contract selects of the topics at the brokers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "commit/land_plan.h"
#include "commit/start.h"
#include "contract/topics.h"
#include "kafka/admin.h"
#include "ledger/ledger.h"

namespace forebay {

struct FoundTopic {
  SelectedTopic selected;
  kafka::TopicInfo info;
  // A pattern matches it, and a landing has looked for topics of its table or template before: it appeared
  // later, and its records are landed from the first one on, whatever --start says.
  bool is_late = false;
};

// Compares the topics with those that were current in the ledger before the brokers were asked. Refuses, and
// names the command that resolves each: a topic that the contract names and that does not exist, a recreated
// topic, a topic of another table. Topics are in the order of the contract's tables. `warnings` as in
// LandPlan.
Result<std::vector<FoundTopic>> FindTopics(const StartOptions& options, kafka::Admin& admin, Ledger& ledger,
                                           std::vector<std::string>* warnings);

// The tables and templates with patterns that are to be landed; for Ledger::NotePatternTables.
std::vector<std::string> RequestedPatternTables(const StartOptions& options);

// kConflict if a topic that a pattern matches is gone by now, or is another one.
Status CheckStillThere(const std::vector<FoundTopic>& topics, kafka::Admin& admin);

// A topic was deleted and recreated since it was last landed.
Error RecreatedError(const std::string& topic);

}  // namespace forebay
