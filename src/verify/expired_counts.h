// Contents of files that an operator expired, for the comparison with receipts.
#pragma once

#include <vector>

#include "ledger/records.h"
#include "verify/finding.h"
#include "verify/offset_sets.h"
#include "verify/scan_totals.h"
#include "verify/scope.h"

namespace forebay {

// Adds to totals->compared the ledger's rows, key sums and rejected records for expired files of published
// batches. The offsets in such a file are no longer known. The counts are therefore added only where receipts
// (`compared`, by partition of the scope) name every offset of the topic that the batch landed, and no other
// topic of the table has a part in them. Elsewhere the directory, or the topic's rejected records, cannot be
// compared, and a note reports it.
void AddExpired(const LedgerSnapshot& snapshot, const AuditScope& scope,
                const std::vector<OffsetSet>& compared, ScanTotals* totals, FindingLog& log);

}  // namespace forebay
