// Records that expired in Kafka before they were landed.
#pragma once

#include <vector>

#include "base/result.h"
#include "kafka/admin.h"
#include "kafka/client_config.h"
#include "ledger/ledger.h"
#include "verify/finding.h"
#include "verify/offset_sets.h"
#include "verify/scope.h"

namespace forebay {

// Reports the offsets of current topics that neither the brokers have any more nor the ledger has landed,
// also of partitions that no lander has begun. Sets `expired` to them, by partition of the scope. Reads the
// ledger after the brokers have answered, so that what a running lander lands meanwhile is not reported.
//
// Returns kUnavailable when brokers do not answer, and kCancelled when stopped.
Status ReportExpiredUnlanded(const AuditScope& scope, Ledger& ledger, const kafka::ClientConfig& config,
                             const kafka::RetryOptions& retry, FindingLog& log,
                             std::vector<OffsetSet>* expired);

}  // namespace forebay
