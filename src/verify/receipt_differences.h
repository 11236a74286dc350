// Compares what receipts expect of the lake with what the scans found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "receipt/receipt.h"
#include "verify/finding.h"
#include "verify/scan_totals.h"
#include "verify/scope.h"

namespace forebay {

// What a lake must hold of one topic's records.
struct ExpectedOutcome {
  std::map<std::string, ExpectedRows> landed;  // by partition directory
  std::map<std::string, uint64_t> rejected;    // by reason
};

struct ClaimedOutcome {
  size_t topic;  // of the scope
  const ExpectedOutcome* expected;
};

struct ReceiptDifferences {
  std::map<size_t, std::vector<Finding>> problems;  // by topic of the scope
  std::vector<Finding> notes;
};

// By topic of the scope: the levels of its table's directories that are in a time zone other than UTC.
using ZonedLevels = std::map<size_t, std::set<std::string>>;

// `found`: the rows that these claims together name.
ReceiptDifferences FindReceiptDifferences(const AuditScope& scope, const std::vector<ClaimedOutcome>& claims,
                                          const ZonedLevels& zoned, const ComparedRows& found);

}  // namespace forebay
