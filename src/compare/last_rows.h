// Compares the newest landed rows of logs with Kafka's records, where the ledger has no fingerprints: it was
// written by a version that did not keep them.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "compare/content.h"
#include "compare/log_check.h"
#include "kafka/admin.h"
#include "ledger/ledger.h"
#include "store/table_store.h"

namespace forebay {

// Looks for the last row of each log among the newest batches. Returns a verdict for each log, in order;
// kUnknown where there is no such row, or Kafka no longer has its record.
Result<std::vector<LogVerdict>> CheckLastRows(const LogCheckOptions& options, kafka::Admin& admin,
                                              TableStore& store, Ledger& ledger,
                                              const std::vector<kafka::NamedPartition>& partitions,
                                              const std::vector<TopicPartition>& logs);

}  // namespace forebay
