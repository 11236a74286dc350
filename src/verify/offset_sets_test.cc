#include "verify/offset_sets.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace forebay {
namespace {

OffsetRange R(int64_t from, int64_t to) {
  return {Offset(from), Offset(to)};
}

TEST(OffsetSets, NormalizedSortsAndMerges) {
  EXPECT_EQ(Normalized({R(5, 7), R(0, 2), R(2, 3), R(6, 9), R(4, 4)}), (OffsetSet{R(0, 3), R(5, 9)}));
}

TEST(OffsetSets, AppendedOffsetsBecomeRuns) {
  std::vector<OffsetRange> ranges;
  for (const int64_t offset : {1, 2, 3, 7, 5, 6}) AppendOffset(ranges, Offset(offset));
  EXPECT_EQ(Normalized(ranges), (OffsetSet{R(1, 4), R(5, 8)}));
}

std::set<int64_t> Expand(const OffsetSet& set) {
  std::set<int64_t> all;
  for (const OffsetRange& range : set) {
    for (int64_t i = range.from.value(); i < range.to.value(); ++i) all.insert(i);
  }
  return all;
}

TEST(OffsetSets, OperationsAgreeWithPlainSets) {
  std::mt19937 random(7);
  const auto make = [&random] {
    std::vector<OffsetRange> ranges;
    for (int i = 0; i < 6; ++i) {
      const int64_t from = random() % 60;
      ranges.push_back(R(from, from + random() % 9));
    }
    return Normalized(std::move(ranges));
  };
  for (int round = 0; round < 500; ++round) {
    const OffsetSet a = make();
    const OffsetSet b = make();
    const std::set<int64_t> in_a = Expand(a);
    const std::set<int64_t> in_b = Expand(b);
    std::set<int64_t> both;
    std::set<int64_t> common;
    std::set<int64_t> only_a;
    for (const int64_t i : in_a) (in_b.contains(i) ? common : only_a).insert(i);
    both = in_a;
    both.insert(in_b.begin(), in_b.end());
    EXPECT_EQ(Expand(Union(a, b)), both);
    EXPECT_EQ(Expand(Intersection(a, b)), common);
    EXPECT_EQ(Expand(Difference(a, b)), only_a);
    EXPECT_EQ(CountOffsets(Difference(a, b)), only_a.size());
    for (const OffsetRange& range : b) EXPECT_EQ(Within(a, range), Intersection(a, {range}));
    EXPECT_EQ(Normalized(Difference(a, b)), Difference(a, b));
    EXPECT_EQ(Normalized(Intersection(a, b)), Intersection(a, b));
  }
}

}  // namespace
}  // namespace forebay
