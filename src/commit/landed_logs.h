// Looks for what was landed in the logs of a plan: when a landing starts, and before a batch counts.
#pragma once

#include <vector>

#include "base/result.h"
#include "commit/commit.h"
#include "commit/land_plan.h"
#include "compare/log_check.h"
#include "kafka/admin.h"
#include "ledger/ledger.h"
#include "store/table_store.h"

namespace forebay {

// Looks for the last landed record of each log of the plan, and keeps it in the plan. Where the ledger does
// not have it, the last row of the lake serves. `partitions`: the names of the plan's starts, in their order.
// kUnavailable: a log is not the one that was landed.
Status CheckLandedLogs(const LogCheckOptions& options, const std::vector<kafka::NamedPartition>& partitions,
                       kafka::Admin& admin, TableStore& store, Ledger& ledger, LandPlan* plan);

// Looks for these records in the logs of the plan's topics. kUnavailable: a log is not the one that they were
// read from.
Status ConfirmRecords(const LogCheckOptions& options, const LandPlan& plan, kafka::Admin& admin,
                      const std::vector<RecordOfLog>& records);

// As ConfirmRecords, for the batch of an engine that does not tell when a log's leader changed: looks for the
// last records of the ranges, and for those that were landed before them (the plan's last records). Notes the
// leader epochs of the former.
Status ConfirmRanges(const LogCheckOptions& options, const LandPlan& plan, kafka::Admin& admin,
                     std::vector<BatchRange>* ranges);

}  // namespace forebay
