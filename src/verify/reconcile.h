// A final read of the ledger, for apparent errors that a concurrent change may explain.
#pragma once

#include <atomic>
#include <vector>

#include "base/result.h"
#include "ledger/ledger.h"
#include "verify/file_scan.h"
#include "verify/finding.h"
#include "verify/ledger_check.h"

namespace forebay {

// A batch that is decided in `before` gets a few seconds to be published; after that it is reported as a
// finding. If an operator removed or replaced a file with findings in the meantime, the findings are dropped
// and the file is noted as under change. Any other file that vanished is missing. Reads the ledger only if
// there is such a case.
Status ReconcileWithLedger(Ledger& ledger, const LedgerSnapshot& before, const std::atomic<bool>* stop,
                           const std::vector<FileToRead>& files, std::vector<FileScan>* scans,
                           FindingLog& log);

}  // namespace forebay
