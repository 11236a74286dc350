#include "verify/offset_sets.h"

#include <algorithm>

namespace forebay {

OffsetSet Normalized(std::vector<OffsetRange> ranges) {
  std::erase_if(ranges, [](const OffsetRange& range) { return range.from >= range.to; });
  std::sort(ranges.begin(), ranges.end(),
            [](const OffsetRange& a, const OffsetRange& b) { return a.from < b.from; });
  OffsetSet merged;
  for (const OffsetRange& range : ranges) {
    if (!merged.empty() && range.from <= merged.back().to) {
      merged.back().to = std::max(merged.back().to, range.to);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

OffsetSet Union(const OffsetSet& a, const OffsetSet& b) {
  std::vector<OffsetRange> both = a;
  both.insert(both.end(), b.begin(), b.end());
  return Normalized(std::move(both));
}

OffsetSet Intersection(const OffsetSet& a, const OffsetSet& b) {
  OffsetSet common;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const OffsetRange range{std::max(a[i].from, b[j].from), std::min(a[i].to, b[j].to)};
    if (range.from < range.to) common.push_back(range);
    if (a[i].to < b[j].to) {
      ++i;
    } else {
      ++j;
    }
  }
  return common;
}

OffsetSet Difference(const OffsetSet& a, const OffsetSet& b) {
  OffsetSet rest;
  size_t j = 0;
  for (OffsetRange range : a) {
    while (j < b.size() && b[j].to <= range.from) ++j;
    for (size_t k = j; k < b.size() && b[k].from < range.to; ++k) {
      if (range.from < b[k].from) rest.push_back({range.from, b[k].from});
      range.from = std::max(range.from, b[k].to);
    }
    if (range.from < range.to) rest.push_back(range);
  }
  return rest;
}

uint64_t CountOffsets(const OffsetSet& set) {
  uint64_t count = 0;
  for (const OffsetRange& range : set) count += static_cast<uint64_t>(range.to.value() - range.from.value());
  return count;
}

OffsetSet Within(const OffsetSet& set, OffsetRange range) {
  auto at = std::lower_bound(set.begin(), set.end(), range.from,
                             [](const OffsetRange& known, Offset from) { return known.to <= from; });
  OffsetSet part;
  for (; at != set.end() && at->from < range.to; ++at) {
    part.push_back({std::max(at->from, range.from), std::min(at->to, range.to)});
  }
  return part;
}

void AppendOffset(std::vector<OffsetRange>& ranges, Offset offset) {
  const Offset next(offset.value() + 1);
  if (!ranges.empty() && ranges.back().to == offset) {
    ranges.back().to = next;
  } else {
    ranges.push_back({offset, next});
  }
}

}  // namespace forebay
