// How many files this process may have open.
#pragma once

#include <cstdint>

namespace forebay {

// Raises the limit to what the system allows, and gives it. A million is taken for no limit.
int64_t RaiseDescriptorLimit();

}  // namespace forebay
