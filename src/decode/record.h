// One Kafka record as the decoder sees it: views into memory that the consumer owns.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"

namespace forebay {

// The last millisecond of the year 9999. Kafka accepts any number from a producer as a timestamp
// (microseconds instead of milliseconds, for instance). A later timestamp counts as absent, since no date,
// and hardly any reader, can represent it.
inline constexpr int64_t kMaxKafkaTimestampMs = (kLastDay + 1) * kMillisPerDay - 1;

struct RecordView {
  PartitionId partition;
  Offset offset;
  int64_t timestamp_ms = -1;  // Kafka's, at most kMaxKafkaTimestampMs; -1: the record has none
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  // nullopt: a tombstone
};

}  // namespace forebay
