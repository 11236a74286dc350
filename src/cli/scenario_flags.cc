#include "cli/scenario_flags.h"

#include "base/time.h"

namespace forebay::cli {

void AddScenarioFlags(CLI::App& command, ScenarioText& flags) {
  command.add_option("--seed", flags.seed, "Seed; the same seed and options give the same bytes")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      .add_option("--faults", flags.faults,
                  "none, default (a small share of each), or NAME=SHARE[,NAME=SHARE...] such as "
                  "late=0.01,not_json=0.0001; names: " +
                      FaultNames())
      ->capture_default_str();
  command.add_option("--event-start", flags.event_start,
                     "Start of event time: 2025-10-30, 2025-10-30T06:00:00Z or now (default " +
                         FormatDate(DayOfMillis(kDefaultEventStartMs)) + ")");
  command.add_option("--event-rate", flags.event_rate,
                     "Clicks per second of event time, averaged over the week (default 2)");
  command.add_option("--event-span", flags.event_span,
                     "Spread the records over this span of event time instead: 90s, 5m, 12h, 7d");
}

}  // namespace forebay::cli
