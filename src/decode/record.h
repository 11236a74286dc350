// One Kafka record as the decoder sees it: views into memory that the consumer owns.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"

namespace forebay {

// Kafka accepts any number from a producer as a timestamp. Seconds instead of milliseconds are in January
// 1970, microseconds after the year 50000. A timestamp before 2000 or from 2100 on counts as absent. The
// limits are fixed: the clock of a landing machine does not decide what a record is, and decoding it again
// gives the same row.
inline constexpr int64_t kFirstKafkaTimestampMs = 10'957 * kMillisPerDay;  // 2000-01-01
inline constexpr int64_t kEndKafkaTimestampMs = 47'482 * kMillisPerDay;    // 2100-01-01

constexpr bool IsUsableKafkaTimestamp(int64_t ms) {
  return ms >= kFirstKafkaTimestampMs && ms < kEndKafkaTimestampMs;
}

// A timestamp as RecordView has it; -1: not usable.
constexpr int64_t UsableKafkaTimestamp(int64_t ms) {
  return IsUsableKafkaTimestamp(ms) ? ms : -1;
}

struct RecordHeader {
  std::string_view name;
  std::optional<std::string_view> value;
};

struct RecordView {
  std::string_view topic = {};  // of a table of several topics; otherwise empty
  PartitionId partition;
  Offset offset;
  int64_t timestamp_ms = -1;  // Kafka's, if it is usable; -1: the record has none
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  // nullopt: a tombstone
  // In their order; a name may come more than once. Only where RecordDecoder::needs_headers, and for
  // quarantine.
  std::span<const RecordHeader> headers = {};
};

}  // namespace forebay
