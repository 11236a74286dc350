#include "land/land_options.h"

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
  return UsageError("--start '" + text +
                    "' is not earliest, latest or a timestamp such as 2025-10-30T12:00:00Z");
}

Status CheckRejectRate(const std::optional<double>& max_reject_rate, int64_t records,
                       const RefusedByReason& reasons) {
  if (!max_reject_rate || records == 0) return Ok();
  int64_t refused = 0;
  int64_t most = 0;
  std::string worst;
  for (const auto& [key, count] : reasons) {
    refused += count;
    if (count <= most) continue;
    most = count;
    worst = "'" + key.first + "', " + key.second;
  }
  if (static_cast<double>(refused) / static_cast<double>(records) <= *max_reject_rate) return Ok();
  return WorldError(
      std::to_string(refused) + " of " + std::to_string(records) +
      " records break the contract, more than --max-reject-rate allows (most of them: " + worst +
      "); nothing of this batch was landed. Mend the producer or the contract, or raise the rate");
}

}  // namespace forebay
