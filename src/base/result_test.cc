#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace forebay {
namespace {

Result<int> Half(int value) {
  if (value % 2 != 0) return InvalidArgumentError(std::to_string(value) + " is odd");
  return value / 2;
}

Result<int> Quarter(int value) {
  FOREBAY_ASSIGN(const int half, Half(value));
  FOREBAY_ASSIGN(const int quarter, Half(half));
  return quarter;
}

Status IsEven(int value) {
  FOREBAY_TRY(Half(value));
  return Ok();
}

TEST(Result, PassesValuesAndErrorsOn) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).error().message(), "3 is odd");
  EXPECT_EQ(Quarter(7).error().message(), "7 is odd");
  EXPECT_TRUE(IsEven(2).ok());
  EXPECT_EQ(IsEven(3).error().code(), ErrorCode::kInvalidArgument);
}

TEST(Result, HoldsMoveOnlyValues) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(5));
  const std::unique_ptr<int> value = std::move(result).value();
  EXPECT_EQ(*value, 5);
}

TEST(ResultDeathTest, ValueOfAnErrorIsABug) {
  const Result<int> wrong = Half(1);
  EXPECT_DEATH((void)wrong.value(), "bug in Forebay: ok\\(\\) does not hold");
  const Status fine = Ok();
  EXPECT_DEATH((void)fine.error(), "bug in Forebay");
}

TEST(Error, ContextIsAPrefix) {
  const Error error = IoError("disk full").WithContext("writing the receipt");
  EXPECT_EQ(error.message(), "writing the receipt: disk full");
  EXPECT_EQ(error.code(), ErrorCode::kIoError);
}

TEST(ExitStatus, IsAsDocumented) {
  EXPECT_EQ(ExitStatus(Error(ErrorCode::kInvalidArgument, "")), 2);
  EXPECT_EQ(ExitStatus(Error(ErrorCode::kIoError, "")), 3);
  EXPECT_EQ(ExitStatus(Error(ErrorCode::kLockHeld, "")), 4);
  EXPECT_EQ(ExitStatus(Error(ErrorCode::kConflict, "")), 3);
  EXPECT_EQ(ExitStatus(Error(ErrorCode::kCommitStateUnknown, "")), 3);
  EXPECT_EQ(ExitStatus(CancelledError("")), 5);
}

}  // namespace
}  // namespace forebay
