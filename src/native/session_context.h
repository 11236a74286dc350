// State shared by the stages of a session: one run of the pipeline, from explicit positions to a stop.
#pragma once

#include <atomic>

#include "commit/land_plan.h"
#include "native/first_error.h"
#include "native/land_options.h"
#include "native/pipeline_stats.h"

namespace forebay {

// Outlives the stages.
struct SessionContext {
  // `landed` holds the totals of earlier sessions of the landing.
  SessionContext(const LandOptions& land_options, const LandPlan& land_plan, const LandProgress& landed)
      : options(land_options), plan(land_plan), stats(*land_options.telemetry, landed) {}

  const LandOptions& options;
  const LandPlan& plan;
  FirstError error;                         // once set, every stage ends
  std::atomic<bool> topics_changed{false};  // once set, the session lands what it consumed and ends
  PipelineStats stats;
};

}  // namespace forebay
