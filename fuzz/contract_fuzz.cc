// Input: arbitrary bytes as a contract. Must not crash; a valid contract must stay valid, and be compatible
// with itself. It may be without tables: those that are not in Kafka are skipped.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "contract/contract.h"
#include "contract/evolution.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view yaml(reinterpret_cast<const char*>(data), size);
  const forebay::ContractCheck check = forebay::CheckContract(yaml);
  if (!check.contract) {
    if (check.diagnostics.empty() || check.diagnostics.front().text.empty()) std::abort();
    return 0;
  }
  const auto again = forebay::ParseContract(check.contract->yaml, "fuzz");
  if (!again.ok() || again->yaml != check.contract->yaml) std::abort();
  if (again->tables.size() != check.contract->tables.size()) std::abort();
  if (!forebay::CompareContracts(forebay::AllLanded(*check.contract), *again).empty()) std::abort();
  return 0;
}
