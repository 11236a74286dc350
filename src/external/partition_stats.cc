#include "external/partition_stats.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/row_hash.h"

namespace forebay {
namespace {

Status CheckSame(const std::string& table, const StatsKey& key, const char* what,
                 const CountedRecords& decoded, const CountedRecords& staged) {
  if (decoded == staged) return Ok();
  const std::string topic = key.topic.empty() ? "" : fmt::format(" topic '{}'", key.topic);
  const std::string where =
      fmt::format("of table '{}',{} Kafka partition {}", table, topic, key.partition.value());
  constexpr const char* kRule = "A transform is one row in, one row out, and keeps the _kafka columns";
  if (decoded.records == staged.records) {
    return InvalidArgumentError(
        fmt::format("the {} that were staged {} are not those that were decoded: there are {}, but "
                    "their offsets differ. {}; nothing was landed",
                    what, where, decoded.records, kRule));
  }
  return InvalidArgumentError(fmt::format(
      "{} {} {} were decoded and {} were staged: the transform {} {}. {}; nothing was landed",
      decoded.records, what, where, staged.records, staged.records < decoded.records ? "dropped" : "added",
      std::abs(decoded.records - staged.records), kRule));
}

}  // namespace

PartitionStats& StatsOf(TopicStats& stats, std::string_view topic, PartitionId partition) {
  const auto known = stats.find(StatsKeyLess::View(topic, partition));
  if (known != stats.end()) [[likely]]
    return known->second;
  return stats[{std::string(topic), partition}];
}

void CountedRecords::Add(std::string_view topic, PartitionId partition, Offset offset) {
  ++records;
  position_sum += HashPosition(topic, partition, offset);
}

void PartitionStats::ObserveOffset(Offset offset, int64_t timestamp_ms) {
  Cover(offset.value());
  if (timestamp_ms < 0) {
    ++untimed;
  } else {
    ObserveTimestamp(offset.value(), timestamp_ms);
  }
}

void PartitionStats::Cover(int64_t offset) {
  if (offset > last_offset.value_or(-1)) last_fingerprint.reset();
  first_offset = std::min(first_offset.value_or(offset), offset);
  last_offset = std::max(last_offset.value_or(offset), offset);
}

void PartitionStats::ObserveTimestamp(int64_t offset, int64_t timestamp_ms) {
  if (last_timestamp_offset.value_or(-1) > offset) return;
  last_timestamp_offset = offset;
  last_kafka_timestamp_ms = timestamp_ms;
}

void PartitionStats::ObserveFingerprint(Offset offset, uint64_t fingerprint) {
  if (offset.value() >= last_offset.value_or(-1)) last_fingerprint = fingerprint;
}

void PartitionStats::AddEventTime(int64_t micros) {
  max_event_time_us = std::max(max_event_time_us.value_or(micros), micros);
}

void PartitionStats::Add(const PartitionStats& other) {
  rows.Add(other.rows);
  quarantined.Add(other.quarantined);
  tombstones.Add(other.tombstones);
  for (const auto& [reason, records] : other.reasons) reasons[reason] += records;
  if (other.max_event_time_us) AddEventTime(*other.max_event_time_us);
  untimed += other.untimed;
  if (other.first_offset) Cover(*other.first_offset);
  if (other.last_offset) Cover(*other.last_offset);
  if (other.last_fingerprint) ObserveFingerprint(Offset(*other.last_offset), *other.last_fingerprint);
  if (other.last_timestamp_offset)
    ObserveTimestamp(*other.last_timestamp_offset, *other.last_kafka_timestamp_ms);
}

Status CheckSameRecords(const std::string& table, const TopicStats& decoded, const TopicStats& staged) {
  TopicStats both = decoded;
  both.insert(staged.begin(), staged.end());
  const auto find = [](const TopicStats& stats, const StatsKey& key) {
    const auto found = stats.find(key);
    return found == stats.end() ? PartitionStats() : found->second;
  };
  for (const auto& [key, unused] : both) {
    const PartitionStats before = find(decoded, key);
    const PartitionStats after = find(staged, key);
    FOREBAY_TRY(CheckSame(table, key, "rows", before.rows, after.rows));
    FOREBAY_TRY(CheckSame(table, key, "refused records", before.quarantined, after.quarantined));
    FOREBAY_TRY(CheckSame(table, key, "tombstones", before.tombstones, after.tombstones));
  }
  return Ok();
}

}  // namespace forebay
