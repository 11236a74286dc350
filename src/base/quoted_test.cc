#include "base/quoted.h"

#include <gtest/gtest.h>

namespace forebay {
namespace {

TEST(Quoted, IsSafeToPrint) {
  EXPECT_EQ(Quoted("abc"), "'abc'");
  EXPECT_EQ(Quoted("a\nb\x1B"), "'a\\x0ab\\x1b'");
  EXPECT_EQ(Quoted(std::string(61, 'a')), "'" + std::string(60, 'a') + "...'");
  EXPECT_EQ(Quoted(std::string(59, 'a') + "ä" + "b"), "'" + std::string(59, 'a') + "ä...'")
      << "characters stay whole";
}

}  // namespace
}  // namespace forebay
