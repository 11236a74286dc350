#include "verify/scope.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>

namespace forebay {
namespace {

OffsetRange R(int64_t from, int64_t to) {
  return {Offset(from), Offset(to)};
}

using Classes = std::map<OffsetState, OffsetSet>;

TEST(Classify, GivesEachOffsetOneState) {
  PartitionScope partition;
  partition.beginning = Offset(10);
  partition.older = {R(10, 20)};
  partition.landed = {R(20, 30), R(35, 40)};
  partition.accepted_loss = {R(30, 33)};
  partition.unpublished = {R(40, 50)};
  partition.next = Offset(50);
  EXPECT_EQ(Classify(partition, {R(5, 60)}), (Classes{{OffsetState::kLanded, {R(20, 30), R(35, 40)}},
                                                      {OffsetState::kNotLandedYet, {R(40, 60)}},
                                                      {OffsetState::kAcceptedLoss, {R(30, 33)}},
                                                      {OffsetState::kOlder, {R(10, 20)}},
                                                      {OffsetState::kBeforeBeginning, {R(5, 10)}},
                                                      {OffsetState::kInNoBatch, {R(33, 35)}}}));
  EXPECT_EQ(Classify(partition, {R(22, 23), R(32, 36)}),
            (Classes{{OffsetState::kLanded, {R(22, 23), R(35, 36)}},
                     {OffsetState::kAcceptedLoss, {R(32, 33)}},
                     {OffsetState::kInNoBatch, {R(33, 35)}}}));
  EXPECT_TRUE(Classify(partition, {}).empty());
}

TEST(Classify, TheFirstStateWinsWhereADamagedLedgerOverlaps) {
  PartitionScope partition;
  partition.landed = {R(0, 10)};
  partition.unpublished = {R(5, 15)};
  partition.accepted_loss = {R(8, 20)};
  partition.next = Offset(18);
  EXPECT_EQ(Classify(partition, {R(0, 30)}), (Classes{{OffsetState::kLanded, {R(0, 10)}},
                                                      {OffsetState::kNotLandedYet, {R(10, 15), R(18, 30)}},
                                                      {OffsetState::kAcceptedLoss, {R(15, 18)}}}));
}

OffsetSet RandomSet(std::mt19937& random) {
  std::vector<OffsetRange> ranges;
  for (uint32_t i = random() % 4; i > 0; --i) {
    const auto from = static_cast<int64_t>(random() % 60);
    ranges.push_back(R(from, from + static_cast<int64_t>(random() % 20)));
  }
  return Normalized(ranges);
}

TEST(Classify, AgreesWithLookingUpEachOffset) {
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    PartitionScope partition;
    partition.beginning = Offset(random() % 20);
    partition.next = Offset(random() % 80);
    partition.landed = RandomSet(random);
    partition.unpublished = RandomSet(random);
    partition.accepted_loss = RandomSet(random);
    partition.older = RandomSet(random);
    const auto in = [](const OffsetSet& set, Offset at) {
      return !Within(set, {at, Offset(at.value() + 1)}).empty();
    };
    const OffsetSet offsets = RandomSet(random);
    const Classes classes = Classify(partition, offsets);
    for (int64_t i = 0; i < 100; ++i) {
      const Offset at(i);
      const OffsetState expected = in(partition.landed, at) ? OffsetState::kLanded
                                   : in(partition.unpublished, at) || at >= partition.next
                                       ? OffsetState::kNotLandedYet
                                   : in(partition.accepted_loss, at) ? OffsetState::kAcceptedLoss
                                   : in(partition.older, at)         ? OffsetState::kOlder
                                   : at < partition.beginning        ? OffsetState::kBeforeBeginning
                                                                     : OffsetState::kInNoBatch;
      for (const auto& [state, set] : classes) {
        EXPECT_EQ(in(set, at), state == expected && in(offsets, at)) << i << " in round " << round;
      }
    }
    uint64_t classified = 0;
    for (const auto& [state, set] : classes) {
      EXPECT_EQ(Normalized(set), set);
      classified += CountOffsets(set);
    }
    EXPECT_EQ(classified, CountOffsets(offsets));
  }
}

}  // namespace
}  // namespace forebay
