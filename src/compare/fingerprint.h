// The fingerprint by which a landed record is recognized in a Kafka log.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/row_hash.h"
#include "decode/record.h"
#include "kafka/consumer.h"
#include "ledger/records.h"

namespace forebay {

// Over offset, timestamp, key and value; an absent key or value differs from an empty one. A timestamp that
// is no date counts as none, because engines read it differently. Any change here makes the fingerprints in
// existing ledgers disagree with their logs.
inline uint64_t FingerprintOf(Offset offset, int64_t timestamp_ms, std::optional<std::string_view> key,
                              std::optional<std::string_view> value) {
  RowHasher hasher;
  hasher.AddInt64(offset.value());
  hasher.AddInt64(UsableKafkaTimestamp(timestamp_ms));
  for (const auto& bytes : {key, value}) bytes ? hasher.AddBytes(*bytes) : hasher.AddNull();
  return hasher.Finish();
}

inline uint64_t FingerprintOf(const kafka::Message& message) {
  const auto optional = [](std::string_view bytes) {
    return bytes.data() == nullptr ? std::nullopt : std::optional(bytes);
  };
  return FingerprintOf(message.offset, message.timestamp_ms, optional(message.key), optional(message.value));
}

inline LandedRecord LandedRecordOf(const kafka::Message& message) {
  LandedRecord record{message.offset, FingerprintOf(message), std::nullopt};
  if (message.leader_epoch.value() >= 0) record.leader_epoch = message.leader_epoch;
  return record;
}

}  // namespace forebay
