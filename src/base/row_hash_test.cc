#include "base/row_hash.h"

#include <gtest/gtest.h>

namespace forebay {
namespace {

// Receipts and ledgers store sums of these hashes: the numbers below must never change.
TEST(RowHasher, ValuesAreFixed) {
  RowHasher empty;
  EXPECT_EQ(empty.Finish(), 0u);
  RowHasher bytes;
  bytes.AddBytes("9f1c2b3a4d5e6f70");
  EXPECT_EQ(bytes.Finish(), 0x8B4202337DC529DFu);
  RowHasher integer;
  integer.AddInt64(-1);
  EXPECT_EQ(integer.Finish(), 0x5111C7E47D784413u);
  RowHasher number;
  number.AddDouble(12.5);
  EXPECT_EQ(number.Finish(), 0x1A6506D385511823u);
  RowHasher decimal;
  decimal.AddInt128(1250);
  EXPECT_EQ(decimal.Finish(), 0x47A2967201C38668u);
  RowHasher null;
  null.AddNull();
  EXPECT_EQ(null.Finish(), 0x602B0E2CD6662C8Bu);
  EXPECT_EQ(HashPosition(PartitionId(3), Offset(41)), 0x12BDCF68E43DA3A6u);
}

TEST(RowHasher, OrderOfFieldsMatters) {
  RowHasher ab, ba;
  ab.AddBytes("a");
  ab.AddBytes("b");
  ba.AddBytes("b");
  ba.AddBytes("a");
  EXPECT_NE(ab.Finish(), ba.Finish());
}

TEST(RowHasher, BordersOfFieldsMatter) {
  RowHasher one, other;
  one.AddBytes("ab");
  one.AddBytes("c");
  other.AddBytes("a");
  other.AddBytes("bc");
  EXPECT_NE(one.Finish(), other.Finish());
}

TEST(RowHasher, NullIsNotTheEmptyText) {
  RowHasher null, empty;
  null.AddNull();
  empty.AddBytes("");
  EXPECT_NE(null.Finish(), empty.Finish());
}

TEST(HashPosition, HasTheTopicAsItsSeedWhereATableHasSeveral) {
  EXPECT_EQ(HashPosition("orders.eu", PartitionId(3), Offset(41)), 0x373B07FD8609068Cu);
  EXPECT_EQ(HashPosition("", PartitionId(3), Offset(41)), 0x12BDCF68E43DA3A6u) << "as without topics";
  EXPECT_NE(HashPosition("a", PartitionId(1), Offset(2)), HashPosition("b", PartitionId(1), Offset(2)));
}

TEST(HashPosition, DiffersByPartitionAndOffset) {
  EXPECT_NE(HashPosition(PartitionId(1), Offset(2)), HashPosition(PartitionId(2), Offset(1)));
}

}  // namespace
}  // namespace forebay
