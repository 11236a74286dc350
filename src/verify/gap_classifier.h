// Classifies missing offsets by querying the brokers.
#pragma once

#include <vector>

#include "base/result.h"
#include "kafka/admin.h"
#include "kafka/client_config.h"
#include "verify/finding.h"
#include "verify/missing_offsets.h"
#include "verify/scope.h"

namespace forebay {

// Divides each partition's `unexplained` offsets into tombstones, aborted, no_record, expired and records, as
// far as the brokers have them; `missing` is by partition of the scope. Reports topics that are not the
// landed incarnation. Within each neighbourhood of unexplained offsets, reads roughly the records from the
// first to the last. Commits no offsets.
//
// Returns kUnavailable when brokers do not answer, and kCancelled when stopped.
Status ClassifyGaps(const AuditScope& scope, const kafka::ClientConfig& config,
                    const kafka::RetryOptions& retry, std::vector<MissingOffsets>* missing, FindingLog& log);

// Neighbourhoods: the ranges of a set, with gaps of at most `gap` offsets filled. Pure.
OffsetSet FillGaps(const OffsetSet& set, int64_t gap);

}  // namespace forebay
