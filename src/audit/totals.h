// The numbers of an audit report, summed up by topic incarnation. Pure functions over what was found.
#pragma once

#include <vector>

#include "audit/audit.h"
#include "audit/file_scan.h"
#include "audit/finding.h"
#include "audit/ledger_check.h"
#include "audit/position_map.h"
#include "audit/receipt_check.h"
#include "audit/scope.h"

namespace forebay {

// One entry for each topic of the scope, in its order. `without_row` is by partition of the scope, `scans` by
// file.
std::vector<AuditedTopic> SumUp(const LedgerSnapshot& first_look, const AuditScope& scope,
                                const ReceiptCheck& receipts, const std::vector<FileToRead>& files,
                                const std::vector<FileScan>& scans,
                                const std::vector<WithoutRow>& without_row, const PositionMap& positions);

// Landed records that no receipt speaks of.
void NoteNotCovered(const std::vector<AuditedTopic>& topics, FindingLog& log);

}  // namespace forebay
