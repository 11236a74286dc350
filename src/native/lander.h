// The native engine: consumes, decodes, stages and commits until the landing ends as requested.
#pragma once

#include <functional>

#include "base/result.h"
#include "native/land_options.h"

namespace forebay {

// The consuming thread calls it a few times a second.
using ProgressFunction = std::function<void(const LandProgress&)>;

// Runs a landing. Returns the totals when the landing has ended as requested or by a stop, and an error
// otherwise. The lake is consistent in any case, and the next landing continues.
Result<LandProgress> Land(const LandOptions& options, const ProgressFunction& progress);

}  // namespace forebay
