#include "base/read_file.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace forebay {
namespace {

TEST(ReadAtMost, ReadsNoMore) {
  const std::string path = ::testing::TempDir() + "/forebay_read_file_test";
  const std::string content(200'000, 'x');
  std::ofstream(path) << content;
  EXPECT_EQ(ReadAtMost(path, 200'001), content);
  EXPECT_EQ(ReadAtMost(path, 200'000), content);
  EXPECT_EQ(ReadAtMost(path, 70'000), content.substr(0, 70'000));
  std::filesystem::remove(path);
  EXPECT_EQ(ReadAtMost("/dev/zero", 100'000), std::string(100'000, '\0'));
  EXPECT_EQ(ReadAtMost("/dev/null", 1), "");
}

TEST(ReadAtMost, ReportsTheReason) {
  EXPECT_EQ(ReadAtMost("/no/such/file", 1), std::nullopt);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(ReadAtMost("/dev", 1), std::nullopt);
  EXPECT_EQ(errno, EISDIR);
}

}  // namespace
}  // namespace forebay
