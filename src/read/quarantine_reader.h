// Reads rejected records from a lake's quarantine.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "decode/record.h"
#include "ledger/records.h"
#include "report/reject_groups.h"
#include "store/table_store.h"

namespace forebay {

struct QuarantineFilter {
  std::string table;       // the table that the record was addressed to; empty: any
  std::string reason;      // empty: any
  std::string date;        // UTC day of the Kafka timestamp, "2025-10-30"; empty: any
  std::string topic = {};  // empty: any
};

struct QuarantinedViolation {
  std::string_view reason;
  std::optional<std::string_view> field;
  std::optional<std::string_view> detail;
};

// Views are valid only during the visit.
struct QuarantinedRecord {
  std::string_view table;
  std::string_view topic;
  bool is_of_several = false;  // the table has other topics, too
  PartitionId partition;
  Offset offset;
  std::optional<int64_t> timestamp_us;
  std::optional<std::string_view> key;
  std::string_view value;
  std::string_view reason;
  std::optional<std::string_view> field;
  std::optional<std::string_view> detail;
  std::string_view contract_version;
  std::vector<RecordHeader> headers;             // none in files of older versions
  std::vector<QuarantinedViolation> violations;  // at least that of reason, field and detail
  std::string_view file;                         // relative to the lake

  // As RejectedRecord::topic.
  std::string_view row_topic() const { return is_of_several ? topic : std::string_view(); }
};

// Adds the record to the group of each of its violations.
void AddViolations(const QuarantinedRecord& record, RejectGroups* groups);

// Calls `visit` for each record of the file that passes the filter, from record `first` on; ignores the
// filter's date. Stops when `visit` returns false, and then returns false. Returns kCorruption for a missing
// or damaged file, or one that is not of quarantine.
Result<bool> VisitQuarantineFile(TableStore& store, const FilePlace& file, const QuarantineFilter& filter,
                                 const std::vector<LedgerTopic>& topics,
                                 const std::function<bool(const QuarantinedRecord&)>& visit,
                                 int64_t first = 0);

// The same for a staged file, which a landing has not decided yet; all of its records.
Result<bool> VisitStagedQuarantineFile(TableStore& store, const std::string& staged_name,
                                       const std::vector<LedgerTopic>& topics,
                                       const std::function<bool(const QuarantinedRecord&)>& visit);

// Calls `visit` for each record of published batches that passes the filter, newest batch first. Stops when
// `visit` returns false. Returns kFailedPrecondition if `lake` is not a lake, kInvalidArgument if the table,
// topic or reason does not exist or the date is malformed, kCorruption for a missing or damaged file, and
// kIoError for a file that cannot be read.
Status ReadQuarantine(const std::string& lake, const QuarantineFilter& filter,
                      const std::function<bool(const QuarantinedRecord&)>& visit);

}  // namespace forebay
