// Compares the logs of Kafka partitions with what was landed of them.
//
// A topic's id tells whether the topic was deleted and recreated. It does not tell whether a partition's log
// was cut back and grew again: after an unclean leader election, or from a restored disk. The offsets stay
// valid, and other records hide behind those that count as landed. The ledger therefore keeps fingerprints of
// landed records, and these functions look for them in the log.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "kafka/admin.h"
#include "kafka/client_config.h"
#include "ledger/records.h"

namespace forebay {

// What was landed of a partition's log.
struct LandedLog {
  kafka::NamedPartition partition;
  std::vector<LandedRecord> records;  // at least one; ascending by offset
  Offset next;  // the log had no further record between the last of `records` and this offset
};

struct LogVerdict {
  enum class Kind {
    kSame,  // the log has the records that have not expired, the last at least, and no other one below `next`
    kUnknown,    // the records expired or were compacted, and nothing contradicts them
    kDifferent,  // the log is not the one that was landed
  };
  Kind kind = Kind::kSame;
  std::string difference;                   // "has another record at offset 199"; empty unless kDifferent
  std::optional<LeaderEpoch> leader_epoch;  // of the last record, in the log
};

struct LogCheckOptions {
  const kafka::ClientConfig* brokers = nullptr;
  const std::atomic<bool>* stop = nullptr;  // ends the check with kCancelled; may be null
};

// Reads each log from the first of its records on, as far as it needs to. Returns a verdict for each log, in
// order. kUnavailable: the brokers do not answer.
Result<std::vector<LogVerdict>> CheckLogs(const LogCheckOptions& options, kafka::Admin& admin,
                                          const std::vector<LandedLog>& logs);

// Whether Kafka may remove records of the topic by their keys; also true if the principal may not read its
// settings.
Result<bool> MayBeCompacted(kafka::Admin& admin, const std::string& topic);

// The difference of a log that ends before `next`, up to which it was landed.
std::string EndsBefore(Offset end, Offset next);

struct DifferentLog {
  kafka::NamedPartition partition;
  std::string difference;  // as in LogVerdict
};
// kUnavailable for logs that are not the ones that were landed, with the command that adopts them. REQUIRES:
// at least one.
Error NotTheLandedLogs(const std::vector<DifferentLog>& logs);

}  // namespace forebay
