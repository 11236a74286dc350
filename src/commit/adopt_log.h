// `land --adopt-log`: an operator continues with a log that was cut back and grew again.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "compare/log_check.h"
#include "kafka/admin.h"
#include "ledger/ledger.h"
#include "store/table_store.h"

namespace forebay {

// TOPIC:PARTITION
Result<kafka::NamedPartition> ParseLog(const std::string& text);

// Begins a new incarnation of each log at the first offset that is not proven to be the landed one, all or
// none; a log may be named twice. Its records are then landed from there, and what was landed of the earlier
// log stays. The proof are the fingerprints in the ledger, and between them the rows of the lake. A log that
// was adopted already, and is the landed one now, is left as it is. REQUIRES: the lake's lock is held, and
// the lake is recovered.
//   kInvalidArgument  a partition that the lake does not have, or whose log was never another one
//   kUnavailable      the brokers do not answer, or the topic was recreated
//   kConflict         another process landed or adopted meanwhile
Status AdoptLogs(const LogCheckOptions& options, kafka::Admin& admin, TableStore& store, Ledger& ledger,
                 std::vector<kafka::NamedPartition> logs);

}  // namespace forebay
