// The metrics for Prometheus. docs/metrics.md lists every metric with its unit and meaning.
#pragma once

#include <cstdint>
#include <string>

#include "native/telemetry.h"
#include "serve/lake_watch.h"
#include "serve/process.h"

namespace forebay::serve {

inline constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

// `lander` is null if this process does not land. Pure.
std::string MetricsText(const LakeView& view, const LandTelemetry* lander, const ProcessStats& process,
                        int64_t now_ms);

// "starting", "landing", "failed", ...
const char* PhaseName(LandPhase phase);

}  // namespace forebay::serve
