#include "commit/reject_rate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace forebay {
namespace {

using ::testing::HasSubstr;

Result<RejectGroups> Groups() {
  RejectGroups groups;
  groups.Add({"orders", "wrong_type", "price", "a string instead of a number", PartitionId(2), Offset(7),
              "{\"price\":\"6\"}"});
  return groups;
}

Status Check(const std::optional<double>& rate, int64_t rows, int64_t rejected) {
  return CheckRejectRate(rate, {{"clicks", 1000, 0}, {"orders", rows, rejected}}, Groups);
}

TEST(RejectRate, MoreThanTheRateOfOneTableStopsTheLanding) {
  EXPECT_TRUE(Check(0.05, 95, 5).ok());
  EXPECT_TRUE(Check(1.0, 0, 5000).ok());
  EXPECT_TRUE(Check(0.0, 0, 0).ok());
  const Status status = Check(0.049, 95, 5);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(status.error().message(), HasSubstr("5 of 100 records of table 'orders'"));
  EXPECT_THAT(status.error().message(), HasSubstr("price, wrong_type: 1 record\n"));
  EXPECT_THAT(status.error().message(), HasSubstr("partition 2 offset 7: a string instead of a number\n"));
  EXPECT_THAT(status.error().message(), HasSubstr("{\"price\":\"6\"}"));
}

TEST(RejectRate, OfATableOfSeveralTopicsEachOneCounts) {
  const Status status = CheckRejectRate(0.5, {{"orders", 1000, 0, "eu"}, {"orders", 1, 9, "us"}}, Groups);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(),
              HasSubstr("9 of 10 records of topic 'us' and table 'orders' in this"));
}

TEST(RejectRate, ByDefaultNearlyAllRecordsOfATableStopTheLanding) {
  EXPECT_FALSE(Check(std::nullopt, 0, 10).ok());
  EXPECT_FALSE(Check(std::nullopt, 9, 91).ok());
  EXPECT_TRUE(Check(std::nullopt, 10, 90).ok());
}

TEST(RejectRate, AFewRecordsStopItOnlyOnRequest) {
  EXPECT_TRUE(Check(std::nullopt, 0, 9).ok());
  EXPECT_FALSE(Check(0.9, 0, 1).ok());
}

}  // namespace
}  // namespace forebay
