// Contents of files that an operator expired, for the comparison with receipts.
#pragma once

#include <map>
#include <vector>

#include "verify/batch_check.h"
#include "verify/finding.h"
#include "verify/offset_sets.h"
#include "verify/receipt_check.h"
#include "verify/scope.h"

namespace forebay {

// Adds to `sums` the ledger's rows, key sums and refused records for expired files of published batches. The
// offsets in such a file are no longer known. The counts are therefore added only where receipts (`counted`,
// by partition of the scope) name every offset of the topic that the batch landed. Elsewhere the directory,
// or the topic's refused records, cannot be compared, and a note reports it. `found` holds the scan results.
void CountExpired(const LedgerSnapshot& snapshot, const AuditScope& scope,
                  const std::vector<OffsetSet>& counted, const std::map<BatchId, BatchFound>& found,
                  CountedRows* sums, FindingLog& log);

}  // namespace forebay
