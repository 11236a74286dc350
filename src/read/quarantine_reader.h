// Reads refused records back out of a lake's quarantine.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "ledger/records.h"

namespace forebay {

struct QuarantineFilter {
  std::string table;   // the table that the record was meant for; empty: any
  std::string reason;  // empty: any
  std::string date;    // UTC day of the Kafka timestamp, "2025-10-30"; empty: any
};

// Views are valid during the visit only.
struct QuarantinedRecord {
  std::string_view table;
  std::string_view topic;
  PartitionId partition;
  Offset offset;
  std::optional<int64_t> timestamp_us;
  std::optional<std::string_view> key;
  std::string_view value;
  std::string_view reason;
  std::optional<std::string_view> field;
  std::optional<std::string_view> detail;
  std::string_view contract_version;
  std::string_view file;  // relative to the lake
};

// Calls `visit` for each record of the file at `path` that passes the filter (its date aside), until `visit`
// says false: then the result is false. `file` is what records are told to be in.
Result<bool> VisitQuarantineFile(const std::string& path, const std::string& file,
                                 const QuarantineFilter& filter, const std::vector<LedgerTopic>& topics,
                                 const std::function<bool(const QuarantinedRecord&)>& visit);

// Calls `visit` for each record of published batches that passes the filter, the newest batch first, until
// `visit` says false. kInvalidArgument for what is no lake, and for a table or reason that there is not;
// kIoError for a file that cannot be read.
Status ReadQuarantine(const std::string& lake, const QuarantineFilter& filter,
                      const std::function<bool(const QuarantinedRecord&)>& visit);

}  // namespace forebay
