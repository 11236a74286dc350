// The native engine: consume, decode, stage, commit, until the landing has ended as asked.
#pragma once

#include <functional>

#include "base/result.h"
#include "native/land_options.h"

namespace forebay {

// Called from the consuming thread a few times a second.
using ProgressFunction = std::function<void(const LandProgress&)>;

// Lands. Returns the totals when it has ended as asked; an error otherwise, after which the lake is
// consistent and the next landing goes on.
Result<LandProgress> Land(const LandOptions& options, const ProgressFunction& progress);

}  // namespace forebay
