// Offsets that were seen more than once: which files hold them.
#pragma once

#include <map>
#include <vector>

#include "base/result.h"
#include "verify/file_scan.h"
#include "verify/finding.h"
#include "verify/ledger_check.h"
#include "verify/offset_sets.h"

namespace forebay {

// `doubled` is by partition of the scope, as scans of `files` found it. Reads positions once more, of the
// files that may hold some of these, and reports each run of offsets with the files that have it. kCancelled
// when asked to stop.
Status ReportDuplicates(const ScanContext& context, const std::vector<FileToRead>& files,
                        const std::map<size_t, OffsetSet>& doubled, int threads, FindingLog& log);

}  // namespace forebay
