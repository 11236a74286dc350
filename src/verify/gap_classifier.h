// Classifies missing offsets by querying the brokers.
#pragma once

#include <cstddef>
#include <set>
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
// landed incarnation; those of `may_be_gone` (by index in the scope) that do not exist any more are notes.
// Within each neighbourhood of unexplained offsets, reads roughly the records from the first to the last.
// Commits no offsets.
//
// Returns kUnavailable when brokers do not answer, and kCancelled when stopped.
Status ClassifyGaps(const AuditScope& scope, const kafka::ClientConfig& config,
                    const kafka::RetryOptions& retry, const std::set<size_t>& may_be_gone,
                    std::vector<MissingOffsets>* missing, FindingLog& log);

// Neighbourhoods: the ranges of a set, with gaps of at most `gap` offsets filled. Pure.
OffsetSet FillGaps(const OffsetSet& set, int64_t gap);

}  // namespace forebay
