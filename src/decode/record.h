// One Kafka record as the decoder sees it. Views into memory that the consumer owns.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"

namespace forebay {

// The last millisecond of the year 9999. Kafka takes any number that a producer gives as a timestamp
// (microseconds where milliseconds are meant, for instance); a later one counts as none, since no date, and
// hardly a reader, can show it.
inline constexpr int64_t kMaxKafkaTimestampMs = (kLastDay + 1) * kMillisPerDay - 1;

struct RecordView {
  PartitionId partition;
  Offset offset;
  int64_t timestamp_ms = -1;  // Kafka's, at most kMaxKafkaTimestampMs; -1: the record has none
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  // none: a tombstone
};

}  // namespace forebay
