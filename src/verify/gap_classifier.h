// Asks the brokers what became of landed offsets that no row has.
#pragma once

#include <atomic>
#include <vector>

#include "base/result.h"
#include "kafka/client_config.h"
#include "verify/finding.h"
#include "verify/receipt_check.h"
#include "verify/scope.h"

namespace forebay {

// Sorts each partition's `unexplained` offsets into tombstones, aborted, no_record, expired and absent, as
// far as the brokers can tell; `missing_offsets` is by partition of the scope. Reports topics that are not
// the ones that were landed. Reads, of the topic, about what lies between the first and the last unexplained
// offset of each neighbourhood; nothing is committed.
//
// kUnavailable when brokers do not answer, kCancelled when asked to stop.
Status ClassifyGaps(const AuditScope& scope, const kafka::ClientConfig& config, const std::atomic<bool>* stop,
                    std::vector<MissingOffsets>* missing_offsets, FindingLog& log);

// Neighbourhoods: the ranges of a set, with gaps of at most `gap` offsets filled. Pure.
OffsetSet FillGaps(const OffsetSet& set, int64_t gap);

}  // namespace forebay
