#include "compare/batch_contracts.h"

#include <utility>

namespace forebay {

BatchContracts::BatchContracts(const LedgerSnapshot& snapshot) {
  for (const auto& [hash, yaml] : snapshot.contracts) {
    Result<Contract> contract = ParseContract(yaml, "contract " + hash);
    if (contract.ok()) {
      by_hash_.emplace(hash, std::move(*contract));
    } else {
      unreadable_.emplace(hash, contract.error().message());
    }
  }
}

const Table* BatchContracts::FindTable(const LedgerBatch& batch, const std::string& table) const {
  const auto contract = by_hash_.find(batch.contract_hash);
  return contract == by_hash_.end() ? nullptr : contract->second.FindTable(table);
}

}  // namespace forebay
