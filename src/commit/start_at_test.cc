#include "commit/start_at.h"

#include <gtest/gtest.h>

namespace forebay {
namespace {

TEST(StartAt, IsParsed) {
  EXPECT_EQ(ParseStartAt("earliest")->kind, StartAt::Kind::kEarliest);
  EXPECT_EQ(ParseStartAt("latest")->kind, StartAt::Kind::kLatest);
  EXPECT_EQ(ParseStartAt("1970-01-01T00:00:01+00:00")->timestamp_ms, 1000);
  EXPECT_EQ(ParseStartAt("yesterday").error().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace forebay
