// The outcome of a run, as text and as one JSON object. Pure functions.
#pragma once

#include <string>

#include "produce/receipt_keeper.h"
#include "produce/run.h"

namespace forebay::produce {

std::string SummaryText(const ReceiptKeeper& keeper, const RunSummary& summary, const std::string& path);
std::string SummaryJson(const ReceiptKeeper& keeper, const RunSummary& summary, const std::string& path);
// What to do about a run whose receipt, at `path`, is partial.
std::string PartialMessage(const Receipt& receipt, const std::string& path);

}  // namespace forebay::produce
