// Start position of a partition that the ledger does not have yet.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace forebay {

struct StartAt {
  enum class Kind { kEarliest, kLatest, kTimestamp };
  Kind kind = Kind::kEarliest;
  int64_t timestamp_ms = 0;
};

// Parses "earliest", "latest" or a timestamp in the contract's format; returns kInvalidArgument otherwise.
Result<StartAt> ParseStartAt(const std::string& text);

}  // namespace forebay
