#include "base/histogram.h"

#include <gtest/gtest.h>

#include <numeric>

namespace forebay {
namespace {

TEST(DurationHistogram, ABoundIsTheLastDurationOfItsBucket) {
  DurationHistogram histogram;
  histogram.Observe(0.005);
  histogram.Observe(0.0051);
  histogram.Observe(31);
  const DurationHistogram::Counts counts = histogram.counts();
  EXPECT_EQ(counts.buckets[0], 1u);
  EXPECT_EQ(counts.buckets[1], 1u);
  EXPECT_EQ(counts.buckets.back(), 1u);
  EXPECT_EQ(std::accumulate(counts.buckets.begin(), counts.buckets.end(), uint64_t{0}), 3u);
  EXPECT_NEAR(counts.sum_seconds, 31.0101, 1e-6);
}

}  // namespace
}  // namespace forebay
