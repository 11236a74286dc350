// A proposal as the text of a contract, in the Open Data Contract Standard.
#pragma once

#include <string>

#include "infer/proposal.h"

namespace forebay::infer {

std::string ContractYaml(const Proposal& proposal);

}  // namespace forebay::infer
