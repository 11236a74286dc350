// Flags that select a scenario, shared by `generate` and `produce`.
#pragma once

#include <CLI/CLI.hpp>

#include "scenario/scenario_text.h"

namespace forebay::cli {

// Declares --seed, --faults, --event-start, --event-span and --event-rate.
void AddScenarioFlags(CLI::App& command, ScenarioText& text);

}  // namespace forebay::cli
