#include "base/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace forebay {

int64_t RaiseDescriptorLimit() {
  struct rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  return static_cast<int64_t>(std::min<rlim_t>(limit.rlim_cur, 1'000'000));
}

}  // namespace forebay
