// Decodes records again that a receipt names, with the contracts that they were landed with: what the lake
// must hold of them, when the producer expected the outcome of another contract.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "base/result.h"
#include "compare/batch_contracts.h"
#include "kafka/admin.h"
#include "kafka/client_config.h"
#include "ledger/records.h"
#include "verify/offset_sets.h"
#include "verify/receipt_differences.h"
#include "verify/scope.h"

namespace forebay {

struct DecodedAgain {
  std::string impossible;  // why the records cannot be decoded again; empty if they were
  ExpectedOutcome outcome;
};

// Offsets of one topic of the scope, by partition of the scope.
using TopicOffsets = std::map<size_t, OffsetSet>;
using Redecoder = std::function<Result<DecodedAgain>(size_t topic, const TopicOffsets& offsets)>;

// Reads these landed offsets from the brokers; bounded memory. `snapshot` has the batches of the scope.
// Returns kUnavailable when brokers do not answer, and kCancelled when stopped.
Result<DecodedAgain> DecodeAgain(const AuditScope& scope, const LedgerSnapshot& snapshot,
                                 const BatchContracts& contracts, const kafka::ClientConfig& config,
                                 const kafka::RetryOptions& retry, size_t topic, const TopicOffsets& offsets);

}  // namespace forebay
