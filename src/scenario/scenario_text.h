// Scenario options as text, from the command line and from programs.
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

// `total_clicks` is the number of clicks in the whole run, counted from sequence 0; event_span spreads these.
// 0 means that the end is unknown; event_span is then refused. kInvalidArgument for text that cannot be
// parsed.
Result<ScenarioOptions> ReadScenarioText(const ScenarioText& text, uint64_t total_clicks);

}  // namespace forebay
