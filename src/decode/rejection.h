// Why one record was rejected: the first violation of the contract, and all of them.
#pragma once

#include <string>
#include <vector>

#include "contract/reason.h"

namespace forebay {

struct Violation {
  Reason reason = Reason::kNotJson;
  std::string field;   // "items[2].quantity"; empty when the record as a whole is rejected
  std::string detail;  // one sentence
};

struct Rejection : Violation {
  static constexpr size_t kMaxViolations = 100;

  // In the order of Violation's precedence, this one first; those beyond kMaxViolations are left out.
  std::vector<Violation> all;
};

}  // namespace forebay
