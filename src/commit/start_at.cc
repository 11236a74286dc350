#include "commit/start_at.h"

#include "decode/values.h"

namespace forebay {

Result<StartAt> ParseStartAt(const std::string& text) {
  StartAt start;
  if (text == "earliest") return start;
  if (text == "latest") {
    start.kind = StartAt::Kind::kLatest;
    return start;
  }
  start.kind = StartAt::Kind::kTimestamp;
  int64_t micros = 0;
  if (ParseRfc3339(text, &micros)) {
    start.timestamp_ms = micros / 1000;
    return start;
  }
  return InvalidArgumentError("--start '" + text +
                              "' is not earliest, latest or a timestamp such as 2025-10-30T12:00:00Z");
}

}  // namespace forebay
