// Converts a consumed message to the decoder's input.
#pragma once

#include <optional>

#include "decode/record.h"
#include "kafka/consumer.h"

namespace forebay {

// Views into the message, which must outlive the result. A null key or value becomes nullopt.
inline RecordView ViewOf(const kafka::Message& message) {
  RecordView record{.partition = message.partition,
                    .offset = message.offset,
                    .timestamp_ms = UsableKafkaTimestamp(message.timestamp_ms),
                    .key = std::nullopt,
                    .value = std::nullopt};
  if (message.key.data() != nullptr) record.key = message.key;
  if (!message.tombstone()) record.value = message.value;
  return record;
}

}  // namespace forebay
