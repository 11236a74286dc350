// Breaks a good record on purpose, in exactly one way, so that every correct decoder refuses it for the same
// reason.
#pragma once

#include <cstdint>
#include <string>

#include "contract/reason.h"
#include "scenario/random.h"
#include "scenario/shop_block.h"

namespace forebay {

// Turns the good record `value` of `table` into one that breaks just this rule. There are several ways to
// break most rules; `random` picks one.
void Corrupt(ShopTable table, Reason reason, Random random, std::string* value);

// Adds one or two members that the contract does not know: a scalar, an array or an object.
void AddExtraMembers(Random random, std::string* value);

}  // namespace forebay
