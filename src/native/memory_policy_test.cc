#include "native/memory_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace forebay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(DivideMemoryTest, PartsOfTheSmallestLimit) {
  const MemoryShares shares = DivideMemory(192'000'000, 1);
  EXPECT_EQ(shares.client_queue, 3'500'000);
  EXPECT_EQ(shares.chunks, 3'500'000);
  EXPECT_EQ(shares.shard, 14'000'000);
}

TEST(DivideMemoryTest, ShardsDivideTheirPart) {
  EXPECT_EQ(DivideMemory(750'000'000, 4).shard, DivideMemory(750'000'000, 1).shard / 4);
}

TEST(DivideMemoryTest, TheClientsQueueStaysBelowItsOwnMaximum) {
  const MemoryShares shares = DivideMemory(8'000'000'000, 4);
  EXPECT_EQ(shares.client_queue, 64'000'000);
  EXPECT_GT(shares.chunks, shares.client_queue);
}

TEST(MaxBlockBytesTest, IsASixthOfTheShardsLimitAndAtMostARowGroup) {
  EXPECT_EQ(MaxBlockBytes(12'000'000), 2'000'000);
  EXPECT_EQ(MaxBlockBytes(1'000'000'000), 32'000'000);
}

// A shard just above its limit, with hardly anything in files or in blocks being filled.
ShardMemory Exceeded() {
  return {.limit = 1000, .used = 1001, .filling = 250, .files = 500, .files_if_spilled = 500};
}

TEST(NextMemoryStepTest, NothingUpToTheLimit) {
  ShardMemory memory = Exceeded();
  memory.used = 1000;
  memory.pooled = memory.filling = memory.files = 999;
  memory.earlier_batches = true;
  EXPECT_EQ(NextMemoryStep(memory), MemoryStep::kDone);
}

TEST(NextMemoryStepTest, EmptyBlocksGoFirst) {
  ShardMemory memory = Exceeded();
  memory.pooled = 1;
  memory.earlier_batches = true;
  memory.filling = 900;
  EXPECT_EQ(NextMemoryStep(memory), MemoryStep::kTrimPools);
}

TEST(NextMemoryStepTest, MemoryOfEarlierBatchesIsNoReasonToWriteThisOne) {
  ShardMemory memory = Exceeded();
  memory.earlier_batches = true;
  memory.filling = 900;
  memory.files = memory.files_if_spilled = 900;
  EXPECT_EQ(NextMemoryStep(memory), MemoryStep::kAwaitEarlierBatches);
}

TEST(NextMemoryStepTest, SpillsWhenMoreThanAQuarterIsBeingFilled) {
  ShardMemory memory = Exceeded();
  memory.filling = 251;
  EXPECT_EQ(NextMemoryStep(memory), MemoryStep::kSpill);
}

TEST(NextMemoryStepTest, CutsWhenASpillWouldOpenTooManyFiles) {
  ShardMemory memory = Exceeded();
  memory.filling = 251;
  memory.files_if_spilled = 501;
  EXPECT_EQ(NextMemoryStep(memory), MemoryStep::kCut);
}

TEST(NextMemoryStepTest, CutsWhenOpenFilesHoldMoreThanHalf) {
  ShardMemory memory = Exceeded();
  memory.files = 501;
  EXPECT_EQ(NextMemoryStep(memory), MemoryStep::kCut);
}

TEST(NextMemoryStepTest, WaitsWhenTheWriteStageHasTheMemory) {
  EXPECT_EQ(NextMemoryStep(Exceeded()), MemoryStep::kAwaitWriter);
}

TEST(PlanSpillTest, TakesTheLargestUntilAQuarterOfTheLimitIsLeft) {
  const std::vector<SpillCandidate> blocks = {{10, 1}, {300, 2}, {40, 4}, {250, 8}};
  const SpillPlan plan = PlanSpill(blocks, 600, 1000);
  EXPECT_THAT(plan.blocks, ElementsAre(1, 3)) << "after 300, 300 would be left";
  EXPECT_EQ(plan.new_file_bytes, 10);
}

TEST(PlanSpillTest, FilesThatAreOpenCostNothing) {
  EXPECT_EQ(PlanSpill({{300, 0}, {250, 7}}, 550, 1000).new_file_bytes, 0);
}

TEST(PlanSpillTest, NothingBelowAQuarter) {
  EXPECT_THAT(PlanSpill({{250, 1}}, 250, 1000).blocks, IsEmpty());
}

TEST(PlanSpillTest, EverythingIfThatIsNotEnough) {
  EXPECT_THAT(PlanSpill({{100, 0}, {200, 0}}, 5000, 1000).blocks, ElementsAre(1, 0));
}

}  // namespace
}  // namespace forebay
