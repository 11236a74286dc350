// The rules of a field as texts, to compare and to show them. Pure functions, thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "contract/contract.h"

namespace forebay {

// The values of the enum; none: any value.
std::vector<std::string> EnumTexts(const Field& field);

// The name of each other rule that the field has in the contract, and its value: {"maximum", "1000"}. Not
// those of members and elements.
std::vector<std::pair<std::string, std::string>> RuleTexts(const Field& field);

}  // namespace forebay
