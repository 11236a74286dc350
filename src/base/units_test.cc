#include "base/units.h"

#include <gtest/gtest.h>

namespace forebay {
namespace {

int64_t Duration(const std::string& text) {
  const Result<int64_t> read = ReadDurationMs(text);
  return read.ok() ? *read : -1;
}
int64_t Size(const std::string& text) {
  const Result<int64_t> read = ReadByteSize(text);
  return read.ok() ? *read : -1;
}

TEST(UnitsTest, ReadsDurations) {
  EXPECT_EQ(Duration("250ms"), 250);
  EXPECT_EQ(Duration("90"), 90'000);
  EXPECT_EQ(Duration("90s"), 90'000);
  EXPECT_EQ(Duration("5m"), 300'000);
  EXPECT_EQ(Duration("2h"), 7'200'000);
  EXPECT_EQ(Duration("1d"), 86'400'000);
  EXPECT_EQ(Duration("0"), 0);
  for (const char* wrong : {"", "s", "-1s", "1.5s", "1 s", "1w", "99999999999999999d", "soon"})
    EXPECT_EQ(Duration(wrong), -1) << wrong;
}

TEST(UnitsTest, FormatsDurationsInTheLargestUnit) {
  EXPECT_EQ(FormatDurationMs(0), "0ms");
  EXPECT_EQ(FormatDurationMs(1500), "1500ms");
  EXPECT_EQ(FormatDurationMs(90'000), "90s");
  EXPECT_EQ(FormatDurationMs(36 * 3'600'000), "36h");
  for (const char* text : {"1ms", "1s", "59m", "23h", "400d"})
    EXPECT_EQ(FormatDurationMs(Duration(text)), text);
}

TEST(UnitsTest, ReadsSizes) {
  EXPECT_EQ(Size("1000"), 1000);
  EXPECT_EQ(Size("64MiB"), 64 * 1024 * 1024);
  EXPECT_EQ(Size("512MB"), 512'000'000);
  EXPECT_EQ(Size("1GB"), 1'000'000'000);
  for (const char* wrong : {"", "MB", "-1", "1.5GB", "1TB", "99999999999999GiB"})
    EXPECT_EQ(Size(wrong), -1) << wrong;
}

}  // namespace
}  // namespace forebay
