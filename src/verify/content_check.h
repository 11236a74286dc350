// Compares the lake's rows and refused records with what Kafka still has of them, value by value.
#pragma once

#include <cstdint>
#include <set>

#include "base/result.h"
#include "compare/batch_contracts.h"
#include "ledger/records.h"
#include "store/table_store.h"
#include "verify/audit.h"
#include "verify/finding.h"
#include "verify/scope.h"

namespace forebay {

// Reports each record of the lake that differs from Kafka's as a finding, and those that a topic without
// compaction does not have. Records that Kafka has and the lake has not are for ClassifyGaps to report.
// `compacted`: topics of the scope whose records Kafka may drop. REQUIRES: options.broker. Memory: that of
// about a million records, or of the largest batch.
Result<AuditedContent> CheckContent(const AuditOptions& options, const AuditScope& scope,
                                    const LedgerSnapshot& snapshot, const BatchContracts& contracts,
                                    const std::set<size_t>& compacted, TableStore& store, FindingLog& log);

}  // namespace forebay
