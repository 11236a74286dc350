// A last look at the ledger, at what seemed wrong and may only have been under way.
#pragma once

#include <atomic>
#include <vector>

#include "base/result.h"
#include "ledger/ledger.h"
#include "verify/file_scan.h"
#include "verify/finding.h"
#include "verify/ledger_check.h"

namespace forebay {

// A batch that was decided at the first look gets a few seconds to be published; after that it is a finding.
// A file with findings that was meanwhile removed on purpose, or put in place anew, loses them and is noted
// as under change. A file that vanished without that is missing. Reads the ledger only when there is a reason
// to.
Status ReconcileWithLedger(Ledger& ledger, const LedgerSnapshot& before, const std::atomic<bool>* stop,
                     const std::vector<FileToRead>& files, std::vector<FileScan>* scans, FindingLog& log);

}  // namespace forebay
