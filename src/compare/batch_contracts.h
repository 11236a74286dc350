// The contracts that batches were landed with.
#pragma once

#include <map>
#include <string>

#include "contract/contract.h"
#include "ledger/records.h"

namespace forebay {

// Each contract is parsed once. A value; reading it is thread-safe.
class BatchContracts {
 public:
  explicit BatchContracts(const LedgerSnapshot& snapshot);
  // Hash -> why the contract cannot be read.
  const std::map<std::string, std::string>& unreadable() const { return unreadable_; }
  // Returns null if the batch's contract cannot be read or does not have this table. Where a template gives
  // the table, returns the template, which has other names.
  const Table* FindTable(const LedgerBatch& batch, const std::string& table) const;

 private:
  std::map<std::string, Contract> by_hash_;
  std::map<std::string, std::vector<std::string>> topics_;  // by table
  std::map<std::string, std::string> unreadable_;
};

}  // namespace forebay
