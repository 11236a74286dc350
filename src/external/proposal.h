// From what an engine's workers and its driver say to a batch for the ledger. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "commit/land_plan.h"
#include "contract/contract.h"
#include "external/manifest.h"
#include "ledger/records.h"

namespace forebay {

// Offsets of a topic's Kafka partition that a batch is about.
struct EngineRange {
  std::string topic;
  PartitionId partition;
  OffsetRange offsets;
};

// Whose batches these are.
struct ProposalContext {
  const Contract* contract = nullptr;
  const LandPlan* plan = nullptr;
  std::string lake_id;
  std::string engine;
};

// The batch of these ranges, out of the manifests of all tasks that staged it; without the empty ranges, so
// that it may have none at all. With `decoded` (the tallies of the tasks that decoded it) what was staged is
// held against what was decoded.
//
// kInvalidArgument, and nothing may be landed: a document that is none, or of another lake, contract, engine
// or version; a topic that is not in the plan; a partition named twice; records outside the ranges; files
// that do not hold what the tallies count; rows that a transform dropped, added or changed.
Result<BatchProposal> BuildProposal(const ProposalContext& context, const std::vector<EngineRange>& ranges,
                                    const std::vector<std::string>& manifests,
                                    const std::vector<std::string>& decoded);

}  // namespace forebay
