// Corrupts a good record deliberately, in exactly one way, so that every correct decoder refuses it for the
// same reason.
#pragma once

#include <cstdint>
#include <string>

#include "contract/reason.h"
#include "scenario/random.h"
#include "scenario/shop_block.h"

namespace forebay {

// Changes the good record `value` of `table` so that it breaks only this rule. Most rules can be broken in
// several ways; `random` picks one.
void Corrupt(ShopTable table, Reason reason, Random random, std::string* value);

// Adds one or two members that are not in the contract: a scalar, an array or an object.
void AddExtraMembers(Random random, std::string* value);

}  // namespace forebay
