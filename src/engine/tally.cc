#include "engine/tally.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/row_hash.h"

namespace forebay {
namespace {

Status CheckSame(const std::string& table, PartitionId partition, const char* what,
                 const CountedRecords& decoded, const CountedRecords& staged) {
  if (decoded == staged) return Ok();
  const std::string where = fmt::format("of table '{}', Kafka partition {}", table, partition.value());
  constexpr const char* kRule = "A transform is one row in, one row out, and keeps the _kafka columns";
  if (decoded.records == staged.records) {
    return UsageError(
        fmt::format("the {} that were staged {} are not those that were decoded: there are {}, but "
                    "their offsets differ. {}; nothing was landed",
                    what, where, decoded.records, kRule));
  }
  return UsageError(fmt::format(
      "{} {} {} were decoded and {} were staged: the transform {} {}. {}; nothing was landed",
      decoded.records, what, where, staged.records, staged.records < decoded.records ? "dropped" : "added",
      std::abs(decoded.records - staged.records), kRule));
}

}  // namespace

void CountedRecords::Add(PartitionId partition, Offset offset) {
  ++records;
  position_sum += HashPosition(partition, offset);
}

void PartitionTally::Touch(Offset offset, int64_t timestamp_ms) {
  const int64_t at = offset.value();
  first_offset = std::min(first_offset.value_or(at), at);
  last_offset = std::max(last_offset.value_or(at), at);
  if (timestamp_ms < 0 || last_timestamp_offset.value_or(-1) > at) return;
  last_timestamp_offset = at;
  last_kafka_timestamp_ms = timestamp_ms;
}

void PartitionTally::AddEventTime(int64_t micros) {
  max_event_time_us = std::max(max_event_time_us.value_or(micros), micros);
}

void PartitionTally::Add(const PartitionTally& other) {
  rows.Add(other.rows);
  quarantined.Add(other.quarantined);
  tombstones.Add(other.tombstones);
  for (const auto& [reason, records] : other.reasons) reasons[reason] += records;
  if (other.max_event_time_us) AddEventTime(*other.max_event_time_us);
  if (other.first_offset) Touch(Offset(*other.first_offset), -1);
  if (other.last_offset) Touch(Offset(*other.last_offset), -1);
  if (other.last_timestamp_offset)
    Touch(Offset(*other.last_timestamp_offset), *other.last_kafka_timestamp_ms);
}

Status CheckSameRecords(const std::string& table, const Tally& decoded, const Tally& staged) {
  Tally both = decoded;
  both.insert(staged.begin(), staged.end());
  const auto find = [](const Tally& tally, PartitionId partition) {
    const auto found = tally.find(partition);
    return found == tally.end() ? PartitionTally() : found->second;
  };
  for (const auto& [partition, unused] : both) {
    const PartitionTally before = find(decoded, partition);
    const PartitionTally after = find(staged, partition);
    FOREBAY_TRY(CheckSame(table, partition, "rows", before.rows, after.rows));
    FOREBAY_TRY(CheckSame(table, partition, "refused records", before.quarantined, after.quarantined));
    FOREBAY_TRY(CheckSame(table, partition, "tombstones", before.tombstones, after.tombstones));
  }
  return Ok();
}

}  // namespace forebay
