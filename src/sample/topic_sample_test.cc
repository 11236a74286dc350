#include "sample/topic_sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace forebay {
namespace {

using ::testing::ElementsAre;

// "0..3 of 0..90, 97..100": at most three records of the offsets up to 90, and all from 97 on.
std::vector<std::string> Plan(const std::vector<std::pair<int64_t, int64_t>>& partitions, uint64_t records) {
  std::vector<OffsetRange> ranges;
  for (const auto& [from, to] : partitions) ranges.push_back({Offset(from), Offset(to)});
  std::vector<std::string> plan;
  for (const PartitionSample& part : PlanSample(ranges, records)) {
    plan.push_back(std::to_string(part.oldest_records) + " of " + std::to_string(part.oldest.from.value()) +
                   ".." + std::to_string(part.oldest.to.value()) + ", " +
                   std::to_string(part.newest.from.value()) + ".." + std::to_string(part.newest.to.value()));
  }
  return plan;
}

TEST(TopicSampleTest, BothEndsOfEachPartition) {
  EXPECT_THAT(Plan({{0, 100}, {50, 250}}, 20), ElementsAre("5 of 0..95, 95..100", "5 of 50..245, 245..250"));
  EXPECT_THAT(Plan({{0, 100}}, 7), ElementsAre("4 of 0..97, 97..100"));
}

TEST(TopicSampleTest, SmallPartitionsAreReadWholeAndLeaveTheirShareToTheOthers) {
  EXPECT_THAT(Plan({{0, 1000}, {5, 9}, {7, 7}}, 30),
              ElementsAre("13 of 0..987, 987..1000", "4 of 5..9, 9..9", "0 of 7..7, 7..7"));
}

TEST(TopicSampleTest, AllRecordsOrFewerThanPartitions) {
  EXPECT_THAT(Plan({{0, 1000}, {5, 9}}, UINT64_MAX),
              ElementsAre("1000 of 0..1000, 1000..1000", "4 of 5..9, 9..9"));
  EXPECT_THAT(Plan({{0, 9}, {0, 9}, {0, 9}}, 2),
              ElementsAre("0 of 0..0, 9..9", "1 of 0..9, 9..9", "1 of 0..9, 9..9"));
  EXPECT_THAT(Plan({}, 10), ElementsAre());
}

}  // namespace
}  // namespace forebay
