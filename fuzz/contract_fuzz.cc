// Input: arbitrary bytes as a contract. Must not crash; a valid contract must stay valid, and be compatible
// with itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "contract/contract.h"
#include "contract/evolution.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view yaml(reinterpret_cast<const char*>(data), size);
  const auto contract = forebay::ParseContract(yaml, "fuzz");
  if (!contract.ok()) {
    if (contract.error().message().empty()) std::abort();
    return 0;
  }
  if (contract->tables.empty() || contract->yaml != yaml) std::abort();
  if (!forebay::CompareContracts(forebay::AllLanded(*contract), *contract).empty()) std::abort();
  return 0;
}
