// A last look at the ledger, at what seemed wrong and may only have been under way.
#pragma once

#include <atomic>
#include <vector>

#include "audit/file_scan.h"
#include "audit/finding.h"
#include "audit/ledger_check.h"
#include "base/result.h"
#include "ledger/ledger.h"

namespace forebay {

// A batch that was decided at the first look gets a few seconds to be published; after that it is a finding.
// A file with findings that was meanwhile removed on purpose, or put in place anew, loses them and is noted
// as under change. A file that vanished without that is missing. Reads the ledger only when there is a reason
// to.
Status LookAgain(Ledger& ledger, const LedgerSnapshot& first_look, const std::atomic<bool>* stop,
                 const std::vector<FileToRead>& files, std::vector<FileScan>* scans, FindingLog& log);

}  // namespace forebay
