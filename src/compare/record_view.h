// Converts consumed messages to the decoder's input.
#pragma once

#include <optional>
#include <vector>

#include "decode/record.h"
#include "kafka/consumer.h"

namespace forebay {

// Views into the message, which must outlive the result; without headers. A null key or value becomes
// nullopt.
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

// The headers of one message after the other. Not thread-safe.
class HeaderViews {
 public:
  // Views into the message, in a list that is valid until the next call.
  std::span<const RecordHeader> Of(const kafka::Message& message) {
    headers_.clear();
    views_.clear();
    kafka::AppendHeaders(message, &headers_);
    for (const kafka::MessageHeader& header : headers_) {
      const bool null = header.value.data() == nullptr;
      views_.push_back({header.name, null ? std::nullopt : std::optional(header.value)});
    }
    return views_;
  }

 private:
  std::vector<kafka::MessageHeader> headers_;
  std::vector<RecordHeader> views_;
};

}  // namespace forebay
