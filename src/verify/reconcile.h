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
// finding. A file that vanished or has findings is compared with the ledger once more: if an operator removed
// or replaced it in the meantime, it becomes a ChangedFile with a note; otherwise a vanished file is reported
// as missing, and other findings stay. Reads the ledger only if there is such a case. Returns the scans.
Result<std::vector<FileScan>> ReconcileWithLedger(Ledger& ledger, const LedgerSnapshot& before,
                                                  const std::atomic<bool>* stop,
                                                  const std::vector<FileToRead>& files,
                                                  std::vector<FileScan> scans, FindingLog& log);

}  // namespace forebay
