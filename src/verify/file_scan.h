// Reads one published file from front to back. Compares its bytes, its rows and the origin of each row with
// the ledger.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "contract/contract.h"
#include "store/lake.h"
#include "verify/finding.h"
#include "verify/ledger_check.h"
#include "verify/offset_sets.h"
#include "verify/position_map.h"
#include "verify/scope.h"

namespace forebay {

// The contracts of the landed batches, parsed once. A value; reading it is thread-safe.
class Contracts {
 public:
  // Reports a contract that cannot be read as a finding.
  Contracts(const LedgerSnapshot& snapshot, FindingLog& log);
  // Returns null if the batch's contract cannot be read or does not have this table.
  const Table* FindTable(const LedgerBatch& batch, const std::string& table) const;

 private:
  std::map<std::string, Contract> by_hash_;
};

// State shared by all scans. Everything here must outlive them.
struct ScanContext {
  const Lake& lake;
  const AuditScope& scope;
  const Contracts& contracts;
  PositionMap& positions;
  // By partition of the scope: offsets whose rows are summed into `counted`, for comparison with receipts.
  const std::vector<OffsetSet>& counted;
  const std::atomic<bool>* stop = nullptr;  // may be null
};

struct KeyedRows {
  uint64_t rows = 0;
  uint64_t key_sum = 0;
};

// Refused records of one topic and reason.
struct RefusedRows {
  uint64_t records = 0;
  uint64_t counted = 0;
};

// The contents of one file.
struct FileScan {
  bool complete = false;      // all its rows were read
  bool vanished = false;      // the file no longer exists
  bool under_change = false;  // removed by an operator, or replaced, during the audit: do not rely on it
  uint64_t bytes = 0;
  uint64_t rows = 0;
  uint64_t position_sum = 0;
  uint64_t key_sum = 0;
  KeyedRows counted;
  std::map<size_t, uint64_t> rows_by_partition;                   // by partition of the scope
  std::map<std::pair<size_t, std::string>, RefusedRows> refused;  // by topic of the scope, and reason
  std::map<size_t, OffsetSet> doubled;                            // duplicates: marked before by another row
  std::vector<Finding> findings;
};

// Returns kCancelled when asked to stop; reports every other error with the file as a finding. Thread-safe.
Result<FileScan> ScanFile(const ScanContext& context, const FileToRead& file);

}  // namespace forebay
