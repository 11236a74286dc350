// A log of conditional writes: one object for each entry, numbered from 1, created only where none exists.
// An object store with conditional creation can be one.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace forebay {

class LedgerLog {
 public:
  struct Object {
    int64_t number = 0;
    std::string bytes;
  };

  virtual ~LedgerLog() = default;

  // For messages.
  virtual const std::string& name() const = 0;
  // Creates the entry. True: created. False: an entry of this number exists. kCommitStateUnknown: it may or
  // may not be created, now or later. Any other error: it is not, and will not be, created.
  virtual Result<bool> Append(int64_t number, const std::string& bytes) = 0;
  // One entry; nullopt: there is none now.
  virtual Result<std::optional<std::string>> Read(int64_t number) = 0;
  // Every entry from `number` on that exists now, ascending. Includes all entries whose creation was
  // acknowledged before the call.
  virtual Result<std::vector<Object>> ReadFrom(int64_t number) = 0;
};

}  // namespace forebay
