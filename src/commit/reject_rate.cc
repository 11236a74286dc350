#include "commit/reject_rate.h"

namespace forebay {

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
  return UnavailableError(
      std::to_string(refused) + " of " + std::to_string(records) +
      " records break the contract, more than --max-reject-rate allows (most of them: " + worst +
      "); nothing of this batch was landed. RebuildGroup the producer or the contract, or raise the rate");
}

}  // namespace forebay
