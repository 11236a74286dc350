// Compares the contents of each batch's files with the ledger's record of the batch.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verify/file_scan.h"
#include "verify/finding.h"
#include "verify/position_map.h"
#include "verify/receipt_check.h"
#include "verify/scope.h"

namespace forebay {

// Sums over the scans of one batch's files.
struct BatchFound {
  std::map<size_t, uint64_t> rows;                                            // by partition of the scope
  std::map<size_t, uint64_t> refused;                                         // by partition of the scope
  std::map<std::pair<std::string, std::string>, uint64_t> refused_by_reason;  // by table and reason
  bool incomplete = false;  // a file is missing or unreadable: its rows are not reported missing again

  void Add(const FileToRead& file, const FileScan& scan, const AuditScope& scope);
};

// Checks rows and refused records by partition and by reason, for each published batch whose files are all
// present. For batches with expired files, only the sum can be checked.
void CheckBatchCounts(const LedgerSnapshot& snapshot, const AuditScope& scope,
                      const std::map<BatchId, BatchFound>& found, const PositionMap& positions,
                      FindingLog& log);

// Compares the ledger's count of tombstones with the classified missing offsets, by partition of the scope.
void CheckTombstones(const LedgerSnapshot& snapshot, const AuditScope& scope,
                     const std::vector<MissingOffsets>& missing_offsets, FindingLog& log);

}  // namespace forebay
