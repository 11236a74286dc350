#include "report/small_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace forebay {
namespace {

TEST(SmallFiles, ManyInABatchAreToldOf) {
  EXPECT_THAT(SmallFilesText(1, 547, 547 * 12'000), testing::HasSubstr("547 files each, of 12"));
  EXPECT_EQ(SmallFilesText(1, 99, 99), "");
  EXPECT_EQ(SmallFilesText(10, 500, 500), "") << "fifty in each batch";
  EXPECT_EQ(SmallFilesText(1, 200, 200 * 1'000'000), "") << "large ones";
  EXPECT_EQ(SmallFilesText(0, 0, 0), "");
}

}  // namespace
}  // namespace forebay
