// A lake's status as text and as JSON.
#pragma once

#include <string>

#include "audit/lake_status.h"

namespace forebay::cli {

std::string StatusText(const LakeStatus& status);
// Complete: every partition and every period.
std::string StatusJson(const LakeStatus& status);

}  // namespace forebay::cli
