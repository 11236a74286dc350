// The limit on this process's open file descriptors.
#pragma once

#include <cstdint>

namespace forebay {

// Raises the soft limit to the hard limit and returns it. An unlimited or larger value is returned as
// 1,000,000.
int64_t RaiseDescriptorLimit();

}  // namespace forebay
