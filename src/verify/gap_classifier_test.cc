#include "verify/gap_classifier.h"

#include <gtest/gtest.h>

#include "base/parallel.h"

namespace forebay {
namespace {

OffsetRange R(int64_t from, int64_t to) {
  return {Offset(from), Offset(to)};
}

TEST(FillGaps, JoinsNeighbours) {
  const OffsetSet set = {R(0, 1), R(5, 6), R(100, 101), R(105, 106)};
  EXPECT_EQ(FillGaps(set, 10), (OffsetSet{R(0, 6), R(100, 106)}));
  EXPECT_EQ(FillGaps(set, 4), (OffsetSet{R(0, 6), R(100, 106)}));
  EXPECT_EQ(FillGaps(set, 3), set);
  EXPECT_EQ(FillGaps({}, 10), OffsetSet());
}

TEST(ParallelForTest, DoesEachPieceOnceAndReportsTheFirstError) {
  std::vector<std::atomic<int>> done(1000);
  EXPECT_TRUE(ParallelFor(7, done.size(), [&](size_t i) {
                ++done[i];
                return Ok();
              }).ok());
  for (const auto& count : done) EXPECT_EQ(count.load(), 1);
  std::atomic<size_t> begun{0};
  const Status status = ParallelFor(2, 1'000'000, [&](size_t) -> Status {
    ++begun;
    return UnavailableError("no");
  });
  EXPECT_EQ(status.error().message(), "no");
  EXPECT_LE(begun.load(), 2u);
  EXPECT_TRUE(ParallelFor(4, 0, [](size_t) { return Ok(); }).ok());
}

}  // namespace
}  // namespace forebay
