// The receipts that an audit compares the lake with.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "receipt/receipt.h"

namespace forebay {

struct NamedReceipt {
  std::string file;  // stands in findings
  Receipt receipt;
};

// Reads receipt files; a directory stands for all *.json files in it. Of several receipts of one run the
// newest counts; those that are equally new and not the same all do.
Result<std::vector<NamedReceipt>> ReadReceipts(const std::vector<std::string>& paths);

}  // namespace forebay
