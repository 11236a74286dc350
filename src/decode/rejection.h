// Why one record was rejected.
#pragma once

#include <string>

#include "contract/reason.h"

namespace forebay {

struct Rejection {
  Reason reason = Reason::kNotJson;
  std::string field;   // "items[2].quantity"; empty when the record as a whole is rejected
  std::string detail;  // one sentence
};

}  // namespace forebay
