// The status of a lake as JSON: the output of `forebay status --json` and the data of the page.
#pragma once

#include <cstddef>
#include <string>

#include "report/json_writer.h"
#include "serve/engine_status.h"
#include "status/lake_status.h"

namespace forebay::serve {

// "open", "complete" or "unknown".
const char* PeriodStateName(PeriodState state);

// Writes the members of the status into an open object. Includes the newest `max_dates` dates of each table.
void WriteStatus(const LakeStatus& status, const EngineStatus& engine, size_t max_dates, JsonWriter& json);

// The complete status as one document: every partition and every date.
std::string StatusJson(const LakeStatus& status, const EngineStatus& engine);

}  // namespace forebay::serve
