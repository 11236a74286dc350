// Statistics of this process, from the kernel.
#pragma once

#include <cstdint>

namespace forebay::serve {

struct ProcessStats {
  int64_t resident_bytes = 0;
  int64_t virtual_bytes = 0;
  double cpu_seconds = 0;
  double started_at_s = 0;  // seconds since 1970
  int64_t open_fds = 0;
  int64_t max_fds = 0;
};

// Values that cannot be read are 0. Thread-safe.
ProcessStats ReadProcessStats();

}  // namespace forebay::serve
