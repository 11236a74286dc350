// Duplicate offsets, and the files that hold them.
#pragma once

#include <map>
#include <vector>

#include "base/result.h"
#include "verify/file_scan.h"
#include "verify/finding.h"
#include "verify/ledger_check.h"
#include "verify/offset_sets.h"

namespace forebay {

// `duplicates` holds the duplicate offsets that scans of `files` found, by partition of the scope. Reads the
// positions in the files that may hold some of them again. Reports each run of duplicate offsets with its
// files. Returns kCancelled when stopped.
Status ReportDuplicates(const ScanContext& context, const std::vector<FileToRead>& files,
                        const std::map<size_t, OffsetSet>& duplicates, int threads, FindingLog& log);

}  // namespace forebay
