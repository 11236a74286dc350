// Audits of a small lake (testlake/test_lake.h), and receipts for its rows. For tests.
#pragma once

#include <string>
#include <vector>

#include "testlake/test_lake.h"
#include "verify/audit.h"
#include "verify/offset_sets.h"

namespace forebay {

// REQUIRES: the audit does not return an error.
AuditReport AuditLake(const TestLake& lake, AuditOptions options = {});

// The receipt that a producer of these rows would have left.
NamedReceipt ReceiptFor(const std::vector<TestRow>& rows, const std::vector<TestRefused>& refused = {},
                        const std::string& run = "run-1");

// The problems of this kind.
std::vector<Finding> ProblemsOf(const AuditReport& report, FindingKind kind);
std::vector<Finding> NotesOf(const AuditReport& report, FindingKind kind);
// "missing_file 1, range_gap 2": the counts of all problems by kind.
std::string Kinds(const AuditReport& report);

}  // namespace forebay
