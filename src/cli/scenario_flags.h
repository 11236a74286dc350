// The flags that say which scenario to make; `generate` and `produce` share them.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "scenario/scenario.h"

namespace forebay::cli {

struct ScenarioFlags {
  uint64_t seed = 1;
  std::string faults = "none";
  std::string event_start;  // a date, an RFC 3339 timestamp in UTC, or "now"; empty: the scenario's default
  std::string event_span;   // a duration; empty: by rate
  std::string event_rate;   // clicks per second of event time; empty: the scenario's default
};

// Declares --seed, --faults, --event-start, --event-span and --event-rate.
void AddScenarioFlags(CLI::App& command, ScenarioFlags& flags);

// `total_clicks` is how many clicks the run makes in all, counted from sequence 0; --event-span spreads
// these. 0 means that there is no known end; --event-span is then refused. kUsage when a flag can't be read.
Result<ScenarioOptions> ToScenarioOptions(const ScenarioFlags& flags, uint64_t total_clicks);

}  // namespace forebay::cli
