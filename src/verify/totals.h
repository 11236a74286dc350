// The numbers of an audit report, summed by topic incarnation. Pure functions over the results of the scans.
#pragma once

#include <vector>

#include "verify/audit.h"
#include "verify/file_scan.h"
#include "verify/finding.h"
#include "verify/ledger_check.h"
#include "verify/missing_offsets.h"
#include "verify/position_map.h"
#include "verify/receipt_check.h"
#include "verify/scope.h"

namespace forebay {

// One entry for each topic of the scope, in its order. `missing` is by partition of the scope, `scans` by
// file.
std::vector<AuditedTopic> SumTopics(const LedgerSnapshot& before, const AuditScope& scope,
                                    const ReceiptCheck& receipts, const std::vector<FileToRead>& files,
                                    const std::vector<FileScan>& scans,
                                    const std::vector<MissingOffsets>& missing, const PositionMap& positions);

// Notes landed records that no receipt names.
void NoteNotInReceipts(const std::vector<AuditedTopic>& topics, FindingLog& log);

}  // namespace forebay
