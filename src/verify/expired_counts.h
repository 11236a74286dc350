// What files that were removed on purpose held, for the comparison with receipts.
#pragma once

#include <map>
#include <vector>

#include "verify/batch_check.h"
#include "verify/finding.h"
#include "verify/offset_sets.h"
#include "verify/receipt_check.h"
#include "verify/scope.h"

namespace forebay {

// Adds to `sums` the rows, key sums and refused records that the ledger has of expired files of published
// batches. Which offsets were in such a file is not known any more: so that is done where receipts
// (`counted`, by partition of the scope) speak of all that its batch landed of the topic. Elsewhere the
// directory, or the topic's refused records, cannot be compared, which is noted. `found` is what scans found.
void CountExpired(const LedgerSnapshot& snapshot, const AuditScope& scope,
                  const std::vector<OffsetSet>& counted, const std::map<BatchId, BatchFound>& found,
                  CountedRows* sums, FindingLog& log);

}  // namespace forebay
