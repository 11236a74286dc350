// The report of `forebay contract check` on a sample, as text and as JSON.
#pragma once

#include <string>

#include "cli/contract_trial.h"
#include "report/json_writer.h"

namespace forebay::cli {

// Lines, ended with a newline.
std::string TrialText(const TableTrial& trial);
void WriteTrial(const TableTrial& trial, JsonWriter& json);

}  // namespace forebay::cli
