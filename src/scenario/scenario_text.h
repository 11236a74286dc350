// Which scenario to make, as people write it: on the command line and in programs.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "scenario/scenario.h"

namespace forebay {

struct ScenarioText {
  uint64_t seed = 1;
  std::string faults = "none";
  std::string event_start;  // a date, an RFC 3339 timestamp in UTC, or "now"; empty: the scenario's default
  std::string event_span;   // a duration; empty: by rate
  std::string event_rate;   // clicks per second of event time; empty: the scenario's default
};

// `total_clicks` is how many clicks the run makes in all, counted from sequence 0; event_span spreads these.
// 0 means that there is no known end; event_span is then refused. kInvalidArgument when something can't be
// read.
Result<ScenarioOptions> ReadScenarioText(const ScenarioText& text, uint64_t total_clicks);

}  // namespace forebay
