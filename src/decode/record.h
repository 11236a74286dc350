// One Kafka record as the decoder sees it. Views into memory that the consumer owns.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"

namespace forebay {

struct RecordView {
  PartitionId partition;
  Offset offset;
  int64_t timestamp_ms = -1;  // Kafka's; -1: the record has none
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  // none: a tombstone
};

}  // namespace forebay
