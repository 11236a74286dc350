// Reads one published file from front to back. Compares its bytes, its rows and the origin of each row with
// the ledger.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "compare/batch_contracts.h"
#include "store/lake.h"
#include "verify/finding.h"
#include "verify/ledger_check.h"
#include "verify/offset_sets.h"
#include "verify/position_map.h"
#include "verify/scope.h"

namespace forebay {

// State shared by all scans. Everything here must outlive them.
struct ScanContext {
  const Lake& lake;
  const AuditScope& scope;
  const BatchContracts& contracts;
  PositionMap& positions;
  // By partition of the scope: offsets whose rows are also summed as `compared`, for receipts.
  const std::vector<OffsetSet>& compared;
  const std::atomic<bool>* stop = nullptr;  // may be null
};

struct KeyedRows {
  uint64_t rows = 0;
  uint64_t key_sum = 0;
};

// Rejected records of one topic and reason.
struct RejectedRecords {
  uint64_t records = 0;
  uint64_t compared = 0;  // of `records`: those that receipts name
};

// Sums over the rows of a file that were read.
struct FileContents {
  uint64_t bytes = 0;
  uint64_t rows = 0;
  uint64_t position_sum = 0;
  uint64_t key_sum = 0;
  std::map<size_t, KeyedRows> compared;          // by topic: the rows that receipts name
  std::map<size_t, uint64_t> rows_by_partition;  // by partition of the scope
  std::map<std::pair<size_t, std::string>, RejectedRecords> rejected;  // by topic of the scope, and reason
  std::map<size_t, OffsetSet> duplicates;  // by partition of the scope: offsets that another row has, too
};

// The outcome of a scan. All rows were read; the findings are differences from the ledger.
struct CompleteScan {
  std::vector<Finding> findings;
};
// The file could not be read to its end; the last finding is the reason.
struct DamagedScan {
  std::vector<Finding> findings;
};
// The file does not exist.
struct VanishedFile {};
// The file was expired or rebuilt during the audit. Its contents prove nothing.
struct ChangedFile {};

struct FileScan {
  FileContents contents;  // as far as the file was read
  std::variant<CompleteScan, DamagedScan, VanishedFile, ChangedFile> outcome;
};

// Empty for a file that vanished or changed.
const std::vector<Finding>& FindingsOf(const FileScan& scan);

// Returns kCancelled when stopped; reports every other error with the file as a finding. Thread-safe.
Result<FileScan> ScanFile(const ScanContext& context, const FileToRead& file);

// Scans all files on `threads` threads (0: one per core), the largest first. Returns the scans in the order
// of `files`. `progress` receives the rows read so far and the rows of all files, from any thread; may be
// empty.
Result<std::vector<FileScan>> ScanFiles(const ScanContext& context, const std::vector<FileToRead>& files,
                                        int threads,
                                        const std::function<void(uint64_t done, uint64_t all)>& progress);

}  // namespace forebay
