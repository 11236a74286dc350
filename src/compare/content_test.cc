#include "compare/content.h"

#include <gtest/gtest.h>

namespace forebay {
namespace {

std::vector<RecordDigest> Records(std::initializer_list<std::pair<int64_t, uint64_t>> records) {
  std::vector<RecordDigest> digests;
  for (const auto& [offset, digest] : records) digests.push_back({Offset(offset), digest});
  return digests;
}

const OffsetRange kAll{Offset(0), Offset(100)};

TEST(Content, ComparesByOffset) {
  const auto found = Compare(Records({{1, 10}, {2, 20}, {3, 30}, {5, 50}}),
                             Records({{1, 10}, {2, 21}, {4, 40}, {5, 50}}), kAll);
  EXPECT_EQ(found.same, 2u);
  EXPECT_EQ(found.different, std::vector<Offset>{Offset(2)});
  EXPECT_EQ(found.only_in_lake, std::vector<Offset>{Offset(3)});
  EXPECT_EQ(found.only_in_kafka, std::vector<Offset>{Offset(4)});
}

TEST(Content, OnlyTheOffsetsCount) {
  const auto rows = Records({{1, 10}, {2, 20}, {3, 30}});
  const auto found = Compare(rows, Records({{2, 20}}), {Offset(2), Offset(3)});
  EXPECT_EQ(found.same, 1u);
  EXPECT_TRUE(found.only_in_lake.empty());
}

// Two rows of one offset, or two records: one of them is too many.
TEST(Content, ASecondRowOfAnOffsetIsADifference) {
  EXPECT_EQ(Compare(Records({{1, 10}, {1, 10}}), Records({{1, 10}}), kAll).only_in_lake,
            std::vector<Offset>{Offset(1)});
}

TEST(Content, TheProvenPrefixEndsAfterTheLastSameRecord) {
  const auto lake = Records({{0, 1}, {1, 2}, {4, 5}, {6, 7}});
  EXPECT_EQ(ProvePrefix(lake, lake, kAll, {}).end, Offset(7));
  EXPECT_EQ(ProvePrefix(lake, lake, kAll, {}).difference, std::nullopt);
  const auto other = ProvePrefix(lake, Records({{0, 1}, {1, 2}, {4, 6}, {6, 7}}), kAll, {});
  EXPECT_EQ(other.end, Offset(2));
  EXPECT_EQ(other.difference, Offset(4));
  const auto added = ProvePrefix(lake, Records({{0, 1}, {1, 2}, {2, 3}, {4, 5}}), kAll, {});
  EXPECT_EQ(added.end, Offset(2));
  EXPECT_EQ(added.difference, Offset(2));
  EXPECT_EQ(ProvePrefix({}, {}, {Offset(3), Offset(9)}, {}).end, std::nullopt);
}

TEST(Content, WhatMayLackIsNoDifference) {
  const auto lake = Records({{0, 1}, {1, 2}, {4, 5}});
  const auto kafka = Records({{0, 1}, {2, 3}, {4, 5}});
  EXPECT_EQ(ProvePrefix(lake, kafka, kAll, {}).end, Offset(1));
  EXPECT_EQ(ProvePrefix(lake, kafka, kAll, {.kafka_may_lack = true}).difference, Offset(2));
  EXPECT_EQ(ProvePrefix(lake, kafka, kAll, {.lake_may_lack = true, .kafka_may_lack = true}).end, Offset(5));
  EXPECT_EQ(ProvePrefix({}, kafka, kAll, {.lake_may_lack = true}).end, std::nullopt);
}

}  // namespace
}  // namespace forebay
