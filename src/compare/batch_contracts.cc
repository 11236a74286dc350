#include "compare/batch_contracts.h"

#include <utility>

#include "contract/topics.h"

namespace forebay {

BatchContracts::BatchContracts(const LedgerSnapshot& snapshot) : topics_(TopicsByTable(snapshot.topics)) {
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
  if (contract == by_hash_.end()) return nullptr;
  const auto topics = topics_.find(table);
  if (topics == topics_.end()) return contract->second.FindTable(table);
  return contract->second.FindTable(table, TemplateTopic(contract->second, table, topics->second));
}

}  // namespace forebay
