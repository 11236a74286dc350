// `lake expire`: old dates are removed on purpose, on record, beside a running lander too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace forebay {

// What is to go: files of published batches of one table, and of these either those of periods (dates, hours)
// that had ended when `before_day` began, or those of directories that have all the levels of `partition`.
struct ExpireOptions {
  std::string lake;
  std::string table;                  // `quarantine` too
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
  std::string selection;                      // as the ledger keeps it: "--before 2025-10-01"
  std::vector<ExpiredDirectory> directories;  // by name
  int64_t files() const;
  int64_t rows() const;
  int64_t bytes() const;
};

// What Expire would remove now. Changes nothing.
Result<ExpireReport> PlanExpiry(const ExpireOptions& options);
// Records it in the ledger, removes the files one by one, and records that they are gone. Cut off anywhere,
// the next landing or `lake expire` finishes it; readers see the files go one by one. kInvalidArgument for an
// unknown table, or one without dates where they are asked for; kIoError where the disk fails.
Result<ExpireReport> Expire(const ExpireOptions& options);

}  // namespace forebay
