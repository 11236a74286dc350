// A lake's status as text and as JSON.
#pragma once

#include <string>

#include "audit/lake_status.h"
#include "cli/engine_status.h"

namespace forebay::cli {

std::string StatusText(const LakeStatus& status, const EngineStatus& engine);
// Complete: every partition and every period.
std::string StatusJson(const LakeStatus& status, const EngineStatus& engine);

}  // namespace forebay::cli
