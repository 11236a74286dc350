// Offsets that were seen more than once: which files hold them.
#pragma once

#include <map>
#include <vector>

#include "audit/file_scan.h"
#include "audit/finding.h"
#include "audit/ledger_check.h"
#include "audit/offset_sets.h"
#include "base/result.h"

namespace forebay {

// `doubled` is by partition of the scope, as scans of `files` found it. Reads positions once more, of the
// files that may hold some of these, and reports each run of offsets with the files that have it. kStopped
// when asked to stop.
Status ReportDoubled(const ScanContext& context, const std::vector<FileToRead>& files,
                     const std::map<size_t, OffsetSet>& doubled, int threads, FindingLog& log);

}  // namespace forebay
