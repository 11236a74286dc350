// Asks brokers whether logs were cut back, by the leader epochs of landed records.
#pragma once

#include <vector>

#include "base/result.h"
#include "compare/log_check.h"
#include "kafka/admin.h"
#include "ledger/records.h"

namespace forebay {

// A record that has a leader epoch, and may not be in the log any more.
struct EpochQuestion {
  kafka::NamedPartition partition;
  LandedRecord record;
};

// The brokers know to which offset a log has records of a leader epoch, compacted or not. Returns for each
// question, in order, whether the log was cut back at or below the record. False where the record expired
// meanwhile. All logs are asked at once; several questions about one log, one after the other.
// REQUIRES: each record has a leader epoch.
Result<std::vector<bool>> AreCutBack(const LogCheckOptions& options, kafka::Admin& admin,
                                     const std::vector<EpochQuestion>& questions);

}  // namespace forebay
