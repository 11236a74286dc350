// Builds a batch for the ledger from the documents of an engine's workers and its driver. Pure functions.
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

// The offsets of a topic's Kafka partition that a batch covers.
struct EngineRange {
  std::string topic;
  PartitionId partition;
  OffsetRange offsets;
};

// The landing that a batch belongs to.
struct ProposalContext {
  const Contract* contract = nullptr;
  const LandPlan* plan = nullptr;
  std::string lake_id;
  std::string engine;
};

// Builds the batch of these ranges from the manifests of all tasks that staged it. Empty ranges are left out,
// so that the batch may have none. If `decoded` (the partition statistics of the tasks that decoded the
// records) is not empty, the staged records are compared with the decoded ones.
//
// Returns kInvalidArgument, and nothing may be landed, for:
//   - a malformed document, or one of another lake, contract, engine or version;
//   - a topic that is not in the plan;
//   - a duplicate partition;
//   - records outside the ranges;
//   - files whose rows are not those that the partition statistics count;
//   - rows that a transform dropped, added or changed.
Result<BatchProposal> BuildProposal(const ProposalContext& context, const std::vector<EngineRange>& ranges,
                                    const std::vector<std::string>& manifests,
                                    const std::vector<std::string>& decoded);

}  // namespace forebay
