// Input: arbitrary bytes as a producer's receipt. Must not crash; a receipt that is accepted must be equal
// after writing and reading it again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "receipt/receipt.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto receipt =
      forebay::ParseReceipt(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz");
  if (!receipt.ok()) {
    if (receipt.error().message().empty()) std::abort();
    return 0;
  }
  const auto again = forebay::ParseReceipt(forebay::ReceiptToJson(*receipt), "fuzz");
  if (!again.ok() || !(*again == *receipt)) std::abort();
  return 0;
}
