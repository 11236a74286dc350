#include "scenario/random.h"

#include <gtest/gtest.h>

#include <array>
#include <unordered_set>

namespace forebay {
namespace {

TEST(RandomTest, GivesThePublishedNumbersOfSplitMix64) {
  Random random(1234567);
  for (const uint64_t expected : {6457827717110365317ULL, 3203168211198807973ULL, 9817491932198370423ULL,
                                  4593380528125082431ULL, 16408922859458223821ULL}) {
    EXPECT_EQ(random.Next(), expected);
  }
}

TEST(RandomTest, ScalesToAnyRange) {
  EXPECT_EQ(ScaleTo(0, 10), 0u);
  EXPECT_EQ(ScaleTo(UINT64_MAX, 10), 9u);
  EXPECT_EQ(ScaleTo(uint64_t{1} << 63, 10), 5u);
  Random random(7);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) ++counts[static_cast<size_t>(random.Between(-3, 3) + 3)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 600);  // six standard deviations
}

TEST(RandomTest, StreamsOfDifferentKeysDiffer) {
  std::unordered_set<uint64_t> keys;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    for (uint64_t purpose = 0; purpose < 20; ++purpose) {
      for (uint64_t index = 0; index < 100; ++index) keys.insert(StreamKey(seed, purpose, index));
    }
  }
  EXPECT_EQ(keys.size(), 40'000u);
}

}  // namespace
}  // namespace forebay
