#include "scenario/alias_table.h"

#include <gtest/gtest.h>

#include <cmath>

namespace forebay {
namespace {

std::vector<int> Draw(const AliasTable& table, int draws) {
  Random random(99);
  std::vector<int> counts(table.size());
  for (int i = 0; i < draws; ++i) ++counts[table.Pick(random)];
  return counts;
}

TEST(AliasTableTest, DrawsEachElementByItsWeight) {
  const std::vector<uint64_t> weights = {5, 0, 1, 30, 14};
  constexpr int kDraws = 500'000;
  const std::vector<int> counts = Draw(AliasTable(weights), kDraws);
  for (size_t i = 0; i < weights.size(); ++i) {
    const double share = static_cast<double>(weights[i]) / 50;
    EXPECT_NEAR(counts[i], kDraws * share, 6 * std::sqrt(kDraws * share * (1 - share))) << i;
  }
}

TEST(AliasTableTest, OneElementAndEqualWeights) {
  EXPECT_EQ(Draw(AliasTable({3}), 10), std::vector<int>({10}));
  for (const int count : Draw(AliasTable({2, 2, 2, 2}), 40'000)) EXPECT_NEAR(count, 10'000, 520);
}

TEST(AliasTableTest, ZipfWeightsFallAsOneOverRankAndShift) {
  const std::vector<uint64_t> weights = ZipfWeights(1000, 4);
  EXPECT_EQ(weights.size(), 1000u);
  EXPECT_EQ(weights[0], (uint64_t{1} << 31) / 5);
  EXPECT_EQ(weights[995], (uint64_t{1} << 31) / 1000);
}

}  // namespace
}  // namespace forebay
