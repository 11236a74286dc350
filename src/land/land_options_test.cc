#include "land/land_options.h"

#include <gtest/gtest.h>

namespace forebay {
namespace {

TEST(LandOptionsTest, ReadsWhereToBegin) {
  EXPECT_EQ(ParseStartAt("earliest")->kind, StartAt::Kind::kEarliest);
  EXPECT_EQ(ParseStartAt("latest")->kind, StartAt::Kind::kLatest);
  EXPECT_EQ(ParseStartAt("1970-01-01T00:00:01+00:00")->timestamp_ms, 1000);
  EXPECT_EQ(ParseStartAt("yesterday").error().code(), ErrorCode::kUsage);
}

TEST(LandOptionsTest, MoreThanTheRateStopsTheLanding) {
  const RefusedByReason refused = {{{"clicks", "not_json"}, 2}, {{"orders", "wrong_type"}, 3}};
  EXPECT_TRUE(CheckRejectRate(std::nullopt, 5, refused).ok());
  EXPECT_TRUE(CheckRejectRate(0.05, 100, refused).ok());
  const Status status = CheckRejectRate(0.049, 100, refused);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kWorld);
  EXPECT_NE(status.error().message().find("5 of 100 records"), std::string::npos);
  EXPECT_NE(status.error().message().find("'orders', wrong_type"), std::string::npos);
  EXPECT_TRUE(CheckRejectRate(0.0, 0, {}).ok());
}

}  // namespace
}  // namespace forebay
