// The flags that say which scenario to make; `generate` and `produce` share them.
#pragma once

#include <CLI/CLI.hpp>

#include "scenario/scenario_text.h"

namespace forebay::cli {

// Declares --seed, --faults, --event-start, --event-span and --event-rate.
void AddScenarioFlags(CLI::App& command, ScenarioText& text);

}  // namespace forebay::cli
