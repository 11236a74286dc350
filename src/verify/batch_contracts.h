// The contracts that batches were landed with.
#pragma once

#include <map>
#include <string>

#include "contract/contract.h"
#include "ledger/records.h"
#include "verify/finding.h"

namespace forebay {

// Each contract is parsed once. A value; reading it is thread-safe.
class BatchContracts {
 public:
  // Reports a contract that cannot be read as a finding.
  BatchContracts(const LedgerSnapshot& snapshot, FindingLog& log);
  // Returns null if the batch's contract cannot be read or does not have this table.
  const Table* FindTable(const LedgerBatch& batch, const std::string& table) const;

 private:
  std::map<std::string, Contract> by_hash_;
};

}  // namespace forebay
