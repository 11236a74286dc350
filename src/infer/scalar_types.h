// The type of a field whose values are all numbers, or all texts.
#pragma once

#include <string>
#include <string_view>

#include "contract/contract.h"
#include "infer/evidence.h"

namespace forebay::infer {

// Each sets the field's type, and what belongs to it, such that it accepts every value that was seen. `zone`
// is that of texts without an offset; empty: they are no timestamps.
void SetTypeOfNumbers(std::string_view name, const NumberEvidence& numbers, Field& field);
void SetTypeOfTexts(std::string_view name, const TextEvidence& texts, const std::string& zone, Field& field);
// The same where some values are numbers and some texts. False: the field's type is not set, because they are
// not all timestamps.
bool SetTypeOfMixture(std::string_view name, const NumberEvidence& numbers, const TextEvidence& texts,
                      const std::string& zone, Field& field);

}  // namespace forebay::infer
