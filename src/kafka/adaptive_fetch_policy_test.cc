#include "kafka/adaptive_fetch_policy.h"

#include <gtest/gtest.h>

namespace forebay::kafka {
namespace {

using Policy = AdaptiveFetchPolicy;

constexpr int64_t kTarget = 30'000'000;  // unpacked bytes of a fetch: twice the queue

Policy MakePolicy(int64_t target = kTarget) {
  return Policy({.queue_bytes = target / 2, .max_poll_records = 8192});
}

// One record that takes `unpacked` bytes with its overhead.
FetchSample Sample(int64_t packed, int64_t unpacked) {
  return {.packed_bytes = packed, .records = 1, .record_bytes = unpacked - Policy::kRecordOverhead};
}

// Simulates fetches that each grow by this factor when unpacked, until the size changes or `most` bytes are
// unpacked. Returns the unpacked bytes.
int64_t ReadOn(Policy& policy, int64_t ratio, int64_t most) {
  int64_t unpacked = 0;
  while (unpacked < most) {
    const int64_t packed = policy.fetch_bytes();
    unpacked += packed * ratio;
    if (policy.Observe(Sample(packed, packed * ratio))) break;
  }
  return unpacked;
}

Policy WidePolicy() {
  Policy policy = MakePolicy();
  while (policy.fetch_bytes() < Policy::kMaxFetchBytes) ReadOn(policy, 7, kTarget);
  return policy;
}

TEST(AdaptiveFetchPolicyTest, GrowsToTheMaximumInTwoStepsWithOrdinaryRecords) {
  Policy policy = MakePolicy();
  EXPECT_EQ(policy.fetch_bytes(), Policy::kMinFetchBytes);
  EXPECT_EQ(ReadOn(policy, 7, kTarget), 8 * 7 * Policy::kMinFetchBytes);
  EXPECT_EQ(policy.fetch_bytes(), 128'000);
  EXPECT_EQ(ReadOn(policy, 7, kTarget), 8 * 7 * 128'000);
  EXPECT_EQ(policy.fetch_bytes(), Policy::kMaxFetchBytes);
  EXPECT_GE(ReadOn(policy, 7, 100 * kTarget), 100 * kTarget) << "it changed once more";
}

TEST(AdaptiveFetchPolicyTest, ABatchLargerThanTheFetchIsEnoughOfASample) {
  Policy policy = MakePolicy();
  EXPECT_TRUE(policy.Observe(Sample(150'000, 1'000'000)));
  EXPECT_EQ(policy.fetch_bytes(), 128'000);
}

TEST(AdaptiveFetchPolicyTest, StaysAtTheMinimumWithRecordsThatGrowAThousandfold) {
  Policy policy = MakePolicy();
  EXPECT_GE(ReadOn(policy, 5'000, 1'000 * kTarget), 1'000 * kTarget);
  EXPECT_EQ(policy.fetch_bytes(), Policy::kMinFetchBytes);
}

TEST(AdaptiveFetchPolicyTest, FetchesAsMuchAsFitsUnpacked) {
  Policy policy = MakePolicy();
  while (ReadOn(policy, 100, 100 * kTarget) < 100 * kTarget) continue;
  EXPECT_EQ(policy.fetch_bytes(), kTarget / 100);
  Policy small = MakePolicy(kTarget / 2);
  while (ReadOn(small, 100, 100 * kTarget) < 100 * kTarget) continue;
  EXPECT_EQ(small.fetch_bytes(), 128'000) << "150,000 would fit: not worth a connection";
}

TEST(AdaptiveFetchPolicyTest, ShrinksWhenRecordsGrowMore) {
  Policy policy = WidePolicy();
  // One fetch unpacked to very many bytes, and no other arrived while they were read.
  ASSERT_TRUE(policy.Observe(Sample(Policy::kMaxFetchBytes, 1'000 * Policy::kMaxFetchBytes)));
  EXPECT_EQ(policy.fetch_bytes(), kTarget / 1'000);
}

TEST(AdaptiveFetchPolicyTest, IsCautiousAfterThat) {
  Policy policy = WidePolicy();
  ASSERT_TRUE(policy.Observe(Sample(Policy::kMaxFetchBytes, 1'000 * Policy::kMaxFetchBytes)));
  EXPECT_GE(ReadOn(policy, 7, 10 * kTarget), 4 * kTarget);
  EXPECT_GT(policy.fetch_bytes(), kTarget / 1'000);
}

TEST(AdaptiveFetchPolicyTest, RecordsWithoutAnAnswerCameFromAnOversizedFetch) {
  Policy policy = WidePolicy();
  ASSERT_TRUE(policy.Observe(Sample(0, 4 * kTarget)));
  EXPECT_EQ(policy.fetch_bytes(), Policy::kMinFetchBytes);
}

TEST(AdaptiveFetchPolicyTest, AnswersWithoutRecordsDoNotCount) {
  Policy policy = MakePolicy();
  for (int i = 0; i < 100; ++i)
    EXPECT_FALSE(policy.Observe({.packed_bytes = Policy::kMaxFetchBytes, .records = 0, .record_bytes = 0}));
  EXPECT_EQ(ReadOn(policy, 7, kTarget), 8 * 7 * Policy::kMinFetchBytes);
}

TEST(AdaptiveFetchPolicyTest, AFixedFetchSizeStays) {
  Policy policy({.queue_bytes = kTarget / 2, .max_poll_records = 8192, .fixed_fetch_size = true});
  EXPECT_EQ(policy.fetch_bytes(), Policy::kMaxFetchBytes);
  EXPECT_FALSE(policy.Observe(Sample(0, 4 * kTarget)));
  EXPECT_EQ(policy.poll_records(), 1u) << "polls adapt all the same";
}

TEST(AdaptiveFetchPolicyTest, APollTakesAQuarterOfTheQueue) {
  Policy policy({.queue_bytes = 4'000'000, .max_poll_records = 8192});
  EXPECT_EQ(policy.poll_records(), 64u) << "nothing is known yet";
  EXPECT_FALSE(policy.Observe({.packed_bytes = 1, .records = 10, .record_bytes = 6'800}));
  EXPECT_EQ(policy.poll_records(), 1'000u);
  EXPECT_FALSE(policy.Observe({.packed_bytes = 1, .records = 1, .record_bytes = 5'000'000}));
  EXPECT_EQ(policy.poll_records(), 1u);
  EXPECT_FALSE(policy.Observe({.packed_bytes = 1, .records = 10, .record_bytes = 10}));
  EXPECT_EQ(policy.poll_records(), 3'115u);
  Policy few({.queue_bytes = 4'000'000, .max_poll_records = 10});
  EXPECT_EQ(few.poll_records(), 10u);
}

TEST(AdaptiveFetchPolicyTest, TheQueueIsShortWhileFetchesAreSmall) {
  EXPECT_EQ(MakePolicy().queue_bytes(), 32 * Policy::kMinFetchBytes);
  EXPECT_EQ(WidePolicy().queue_bytes(), kTarget / 2);
}

TEST(AdaptiveFetchPolicyTest, PartitionsShareTheQueuesRecords) {
  const Policy policy({.queue_bytes = 3'200'000, .max_poll_records = 8192});
  EXPECT_EQ(policy.queue_records(0), 60'000);
  EXPECT_EQ(policy.queue_records(4), 15'000);
  EXPECT_EQ(policy.queue_records(10'000), 1'000) << "the minimum";
  EXPECT_EQ(Policy({.queue_bytes = 1'000'000'000}).queue_records(1), 1'000'000) << "the maximum";
}

}  // namespace
}  // namespace forebay::kafka
