// Sets of offsets as sorted, disjoint, non-adjacent, non-empty half-open ranges. Pure functions. Every input
// set must have this form (Normalized creates it), and every output set has it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace forebay {

using OffsetSet = std::vector<OffsetRange>;

// Accepts ranges in any order, including overlapping and empty ones.
OffsetSet Normalized(std::vector<OffsetRange> ranges);

OffsetSet Union(const OffsetSet& a, const OffsetSet& b);
OffsetSet Intersection(const OffsetSet& a, const OffsetSet& b);
OffsetSet Difference(const OffsetSet& a, const OffsetSet& b);

uint64_t CountOffsets(const OffsetSet& set);
// The part of the set that lies in the range. Does not walk over the rest of the set.
OffsetSet Within(const OffsetSet& set, OffsetRange range);

// Adds one offset. Cheap when offsets ascend; any other order is correct after the next Normalized.
void AppendOffset(std::vector<OffsetRange>& ranges, Offset offset);

}  // namespace forebay
