// `lake expire`: an operator removes old dates. The ledger records the removal. It may run beside a lander.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace forebay {

// Selects the files to remove, from the published batches of one table. Either `before_day` selects the
// periods (dates, hours) that had ended when that day began, or `partition` selects the directories that have
// all of its levels.
struct ExpireOptions {
  std::string lake;
  std::string table;                  // or `quarantine`
  std::optional<int32_t> before_day;  // days since 1970-01-01, UTC
  std::string partition;              // "date=2025-10-30", "weather=rain/date=2025-10-30"
};

struct ExpiredDirectory {
  std::string partition_dir;
  int64_t files = 0;
  int64_t rows = 0;
  int64_t bytes = 0;
};

struct ExpireReport {
  std::string selection;                      // as stored in the ledger: "--before 2025-10-01"
  std::vector<ExpiredDirectory> directories;  // by name
  int64_t files() const;
  int64_t rows() const;
  int64_t bytes() const;
};

// Returns the files that Expire would remove now. Changes nothing.
Result<ExpireReport> PlanExpiry(const ExpireOptions& options);
// Records the expiry in the ledger, removes the files one by one, and records their removal. If it is
// interrupted, the next landing or `lake expire` finishes it. Readers see the files disappear one by one.
// Returns kInvalidArgument for an unknown table, or for one without dates if `before_day` is set; kIoError
// when the disk fails.
Result<ExpireReport> Expire(const ExpireOptions& options);

}  // namespace forebay
