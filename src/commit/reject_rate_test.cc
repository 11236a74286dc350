#include "commit/reject_rate.h"

#include <gtest/gtest.h>

namespace forebay {
namespace {

TEST(RejectRate, MoreThanTheRateStopsTheLanding) {
  const RefusedByReason refused = {{{"clicks", "not_json"}, 2}, {{"orders", "wrong_type"}, 3}};
  EXPECT_TRUE(CheckRejectRate(std::nullopt, 5, refused).ok());
  EXPECT_TRUE(CheckRejectRate(0.05, 100, refused).ok());
  const Status status = CheckRejectRate(0.049, 100, refused);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kUnavailable);
  EXPECT_NE(status.error().message().find("5 of 100 records"), std::string::npos);
  EXPECT_NE(status.error().message().find("'orders', wrong_type"), std::string::npos);
  EXPECT_TRUE(CheckRejectRate(0.0, 0, {}).ok());
}

}  // namespace
}  // namespace forebay
