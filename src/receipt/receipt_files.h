// The receipts that an audit compares with the lake.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "receipt/receipt.h"

namespace forebay {

struct NamedReceipt {
  std::string file;  // named in findings
  Receipt receipt;
};

// Reads receipt files; a directory means all *.json files in it. Of several receipts of one run the newest
// counts. Equally new ones that differ all count.
Result<std::vector<NamedReceipt>> ReadReceipts(const std::vector<std::string>& paths);

}  // namespace forebay
