// Runs independent pieces of work on a few threads.
#pragma once

#include <cstddef>
#include <functional>

#include "base/result.h"

namespace forebay {

// Calls work(0) to work(count - 1), each once, on `threads` threads (0: one for each core), and returns when
// all have ended. After the first error nothing new is begun, and that error is returned. Exceptions are not
// caught.
Status ParallelFor(int threads, size_t count, const std::function<Status(size_t)>& work);

}  // namespace forebay
