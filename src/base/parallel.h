// Runs independent tasks on several threads.
#pragma once

#include <cstddef>
#include <functional>

#include "base/result.h"

namespace forebay {

// Calls work(0) to work(count - 1), each once, on `threads` threads (0: one for each core). Returns when all
// calls have finished. After the first error no further call starts, and that error is returned. Exceptions
// are not caught.
Status ParallelFor(int threads, size_t count, const std::function<Status(size_t)>& work);

}  // namespace forebay
