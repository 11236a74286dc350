// A lake's status as JSON: what `forebay status --json` prints and the page is fed with.
#pragma once

#include <cstddef>
#include <string>

#include "report/json_writer.h"
#include "serve/engine_status.h"
#include "status/lake_status.h"

namespace forebay::serve {

// "open", "complete" or "unknown".
const char* PeriodStateName(PeriodState state);

// The members of the status, into an object that is open. Of each table the newest `most_dates` dates.
void WriteStatus(const LakeStatus& status, const EngineStatus& engine, size_t most_dates, JsonWriter& json);

// Complete, in one document: every partition and every date.
std::string StatusJson(const LakeStatus& status, const EngineStatus& engine);

}  // namespace forebay::serve
