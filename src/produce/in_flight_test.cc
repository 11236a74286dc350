#include "produce/in_flight.h"

#include <gtest/gtest.h>

namespace forebay::produce {
namespace {

Block* PutOne(InFlight& in_flight) {
  Block* const block = in_flight.AcquireFree();
  block->records.bytes() += "value";
  block->records.Add(0, 5, 0, std::nullopt, block->records.InternPartition("date=2025-10-30"), 0);
  in_flight.Put(block);
  return block;
}

TEST(InFlightTest, GivesReadyBlocksInOrderAndSaysWhenItIsOver) {
  InFlight in_flight(2);
  EXPECT_EQ(in_flight.NextReadyWithin(1), nullptr);
  EXPECT_FALSE(in_flight.over());
  Block* const first = PutOne(in_flight);
  Block* const second = PutOne(in_flight);
  in_flight.Finish(Ok());
  EXPECT_FALSE(in_flight.over());
  EXPECT_EQ(in_flight.NextReadyWithin(1000), first);
  EXPECT_EQ(in_flight.NextReadyWithin(1000), second);
  EXPECT_TRUE(in_flight.over());
  EXPECT_EQ(in_flight.NextReadyWithin(1000), nullptr);
}

TEST(InFlightTest, AStopIsTheEndWhateverIsReady) {
  InFlight in_flight(1);
  PutOne(in_flight);
  in_flight.Stop();
  EXPECT_TRUE(in_flight.over());
  EXPECT_EQ(in_flight.NextReadyWithin(1000), nullptr);
}

TEST(InFlightTest, KnowsWhetherTheSourceEndedAndAllWasTaken) {
  InFlight in_flight(2);
  PutOne(in_flight);
  in_flight.Finish(Ok());
  EXPECT_FALSE(in_flight.all_taken());
  in_flight.NextReady();
  in_flight.Stop();
  EXPECT_TRUE(in_flight.all_taken());
  InFlight stopped(1);
  stopped.Stop();
  stopped.Finish(Ok(), false);
  EXPECT_FALSE(stopped.all_taken());
}

TEST(InFlightTest, ASettledBlockIsFreeAgain) {
  InFlight in_flight(1);
  Block* const block = PutOne(in_flight);
  ASSERT_EQ(in_flight.NextReadyWithin(1000), block);
  in_flight.Settle(block, 1);
  EXPECT_EQ(in_flight.AcquireFree(), block);
}

}  // namespace
}  // namespace forebay::produce
