// Asks the brokers what became of landed offsets that no row has.
#pragma once

#include <atomic>
#include <vector>

#include "audit/finding.h"
#include "audit/receipt_check.h"
#include "audit/scope.h"
#include "base/result.h"
#include "kafka/client_config.h"

namespace forebay {

// Sorts each partition's `unexplained` offsets into tombstones, aborted, no_record, expired and absent, as
// far as the brokers can tell; `without_row` is by partition of the scope. Reports topics that are not the
// ones that were landed. Reads, of the topic, about what lies between the first and the last unexplained
// offset of each neighbourhood; nothing is committed.
//
// kWorld when brokers do not answer, kStopped when asked to stop.
Status ExplainOffsets(const AuditScope& scope, const kafka::ClientConfig& config,
                      const std::atomic<bool>* stop, std::vector<WithoutRow>* without_row, FindingLog& log);

// Neighbourhoods: the ranges of a set, with gaps of at most `gap` offsets filled. Pure.
OffsetSet FillGaps(const OffsetSet& set, int64_t gap);

}  // namespace forebay
