// The type of a field whose values are all numbers, or all texts.
#pragma once

#include <string_view>

#include "contract/contract.h"
#include "infer/evidence.h"

namespace forebay::infer {

// Sets the field's type, and what belongs to it, such that it accepts every value that was seen.
void SetTypeOfNumbers(std::string_view name, const NumberEvidence& numbers, Field& field);
void SetTypeOfTexts(std::string_view name, const TextEvidence& texts, Field& field);

// Whether all values are timestamps, some as numbers and some as texts.
bool AreMixedTimestamps(std::string_view name, const NumberEvidence& numbers, const TextEvidence& texts);

}  // namespace forebay::infer
