// Which fields are the event time, the Kafka key, the primary key and the partition dimensions of a table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "decode/record.h"
#include "infer/proposal.h"

namespace forebay::infer {

inline constexpr char kNoRole[] = "none";

// Decisions of the user: names or paths of fields, as a contract has them, or kNoRole. Nullopt: the best
// candidate.
struct RoleChoices {
  std::optional<std::string> event_time;  // or _kafka_timestamp
  std::optional<std::string> key;
  std::vector<std::string> primary_key;   // empty: the best candidate
  std::vector<std::string> partition_by;  // fields, or transforms such as month(created_at)
};

// Adds settings, dimensions and marks of fields to the proposal; returns what was not clear, a sentence each.
// `now_ms` stands for the Kafka timestamp of records without one. kInvalidArgument if a choice does not fit.
// REQUIRES: the proposal's fields accept the records.
Result<std::vector<std::string>> AssignRoles(const std::vector<const RecordView*>& records, int64_t now_ms,
                                             const RoleChoices& choices, Proposal& proposal);

}  // namespace forebay::infer
