// The name of a contract's text, by which the ledger and receipts refer to it.
#pragma once

#include <string>

namespace forebay {

// XXH3 (128 bit, canonical form) of the text, in 32 hex digits.
std::string ContractHash(const std::string& yaml);

}  // namespace forebay
