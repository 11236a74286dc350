// Reads the input of a run before anything of it is sent: whether all of it is JSON, and which records the
// contract will reject.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "contract/contract.h"
#include "report/reject_groups.h"

namespace forebay::produce {

struct InputCheck {
  std::string name;  // of the input
  uint64_t records = 0;
  uint64_t rejected = 0;
  RejectGroups rejects;
};

// Reads the whole input of `--from PATH`. Nullopt, without reading, if it can be read only once: a pipe.
// kInvalidArgument if it is not JSON, kCancelled after a stop.
Result<std::optional<InputCheck>> CheckInput(const std::string& path, const Table& table,
                                             const std::atomic<bool>* stop);

// Lines on the records that will be rejected, by field and reason; empty if there are none.
std::string RejectsText(const InputCheck& check);

}  // namespace forebay::produce
