// Sums over the scans of all files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verify/batch_check.h"
#include "verify/file_scan.h"
#include "verify/ledger_check.h"
#include "verify/offset_sets.h"
#include "verify/scope.h"

namespace forebay {

// The rows that receipts name.
struct ComparedRows {
  std::map<std::pair<size_t, std::string>, KeyedRows> landed;   // by topic of the scope, and directory
  std::map<std::pair<size_t, std::string>, uint64_t> rejected;  // by topic of the scope, and reason
  // Directories, and topics whose rejected records, cannot be compared: receipts name only a part of their
  // expired files.
  std::set<std::pair<size_t, std::string>> with_expired_files;
  std::set<size_t> with_expired_rejections;
};

// Files that changed during the audit count as expired: `batches` and `compared` do not include them.
struct ScanTotals {
  uint64_t bytes = 0;
  std::map<BatchId, BatchContents> batches;
  std::map<size_t, OffsetSet> duplicates;  // by partition of the scope
  ComparedRows compared;
};

ScanTotals SumScans(const AuditScope& scope, const std::vector<FileToRead>& files,
                    const std::vector<FileScan>& scans);

}  // namespace forebay
