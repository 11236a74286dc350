// An audit's report as text and as JSON. docs/operations.md describes the response to each finding.
#pragma once

#include <string>

#include "verify/audit.h"

namespace forebay::cli {

// Findings in groups with the recommended action, the numbers of each table, and a summary as the last line.
std::string ReportText(const AuditReport& report);
std::string ReportJson(const AuditReport& report);

}  // namespace forebay::cli
