// Compares the contents of each batch's files with the ledger's record of the batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "verify/file_scan.h"
#include "verify/finding.h"
#include "verify/missing_offsets.h"
#include "verify/position_map.h"
#include "verify/scope.h"

namespace forebay {

// Sums over the scans of one batch's files.
struct BatchContents {
  std::map<size_t, uint64_t> rows;                                             // by partition of the scope
  std::map<size_t, uint64_t> rejected;                                         // by partition of the scope
  std::map<std::pair<std::string, std::string>, uint64_t> rejected_by_reason;  // by table and reason
  size_t complete_files = 0;  // if a file is missing or unreadable, its rows are not reported missing again

  void Add(const FileToRead& file, const FileScan& scan, const AuditScope& scope);
};

// Checks rows and rejected records by partition and by reason, for each published batch whose present files
// were all read completely. For batches with expired files, only the sum can be checked.
void CheckBatchCounts(const LedgerSnapshot& snapshot, const AuditScope& scope,
                      const std::map<BatchId, BatchContents>& contents, const PositionMap& positions,
                      FindingLog& log);

// Compares the ledger's count of tombstones with the classified missing offsets, by partition of the scope.
void CheckTombstones(const LedgerSnapshot& snapshot, const AuditScope& scope,
                     const std::vector<MissingOffsets>& missing, FindingLog& log);

}  // namespace forebay
