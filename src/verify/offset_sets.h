// Sets of offsets as sorted, disjoint, non-adjacent, non-empty half-open ranges. Pure functions; every set
// that goes in must be of that form (Normalized makes it), and every set that comes out is.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace forebay {

using OffsetSet = std::vector<OffsetRange>;

// Any ranges in any order, overlaps and empty ones included.
OffsetSet Normalized(std::vector<OffsetRange> ranges);

OffsetSet Union(const OffsetSet& a, const OffsetSet& b);
OffsetSet Intersection(const OffsetSet& a, const OffsetSet& b);
OffsetSet Difference(const OffsetSet& a, const OffsetSet& b);

uint64_t CountOffsets(const OffsetSet& set);
// The part of the set that lies in the range, without walking over the rest of the set.
OffsetSet Within(const OffsetSet& set, OffsetRange range);

// Adds one offset; cheap when offsets come in ascending order, and right in any order up to the next
// Normalized.
void AppendOffset(std::vector<OffsetRange>& ranges, Offset offset);

}  // namespace forebay
