// A lake's status as text; serve/status_json.h has the JSON form.
#pragma once

#include <string>

#include "cli/paint.h"
#include "serve/engine_status.h"
#include "status/lake_status.h"

namespace forebay::cli {

std::string StatusText(const LakeStatus& status, const serve::EngineStatus& engine, const Paint& paint);

}  // namespace forebay::cli
