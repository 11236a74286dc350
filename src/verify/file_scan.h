// Reads one published file from front to back and holds it against the ledger: its bytes, its rows, and where
// each row came from.
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

// The contracts that batches were landed with, parsed once. A value; reading it is thread-safe.
class Contracts {
 public:
  // A contract that cannot be read becomes a finding.
  Contracts(const LedgerSnapshot& snapshot, FindingLog& log);
  // Null where the batch's contract cannot be read or has no such table.
  const Table* FindTable(const LedgerBatch& batch, const std::string& table) const;

 private:
  std::map<std::string, Contract> by_hash_;
};

// What all scans share. Everything here outlives them.
struct ScanContext {
  const Lake& lake;
  const AuditScope& scope;
  const Contracts& contracts;
  PositionMap& positions;
  // By partition of the scope: the offsets whose rows are summed up as `counted`, for receipts.
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

// What one file holds.
struct FileScan {
  bool complete = false;  // all its rows were read
  bool vanished = false;  // it was not there any more
  bool under_change =
      false;  // it was removed on purpose, or put in place anew, meanwhile: not to be relied on
  uint64_t bytes = 0;
  uint64_t rows = 0;
  uint64_t position_sum = 0;
  uint64_t key_sum = 0;
  KeyedRows counted;
  std::map<size_t, uint64_t> rows_by_partition;                   // by partition of the scope
  std::map<std::pair<size_t, std::string>, RefusedRows> refused;  // by topic of the scope, and reason
  std::map<size_t, OffsetSet> doubled;                            // offsets that were there before
  std::vector<Finding> findings;
};

// kCancelled when asked to stop; every other error with the file is among its findings. Thread-safe.
Result<FileScan> ScanFile(const ScanContext& context, const FileToRead& file);

}  // namespace forebay
