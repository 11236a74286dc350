#include "kafka/fetch_size.h"

#include <gtest/gtest.h>

namespace forebay::kafka {
namespace {

constexpr int64_t kRoom = 30'000'000;

// Simulates fetches that each grow by this factor when unpacked, until the size changes or `most` bytes are
// unpacked. Returns the unpacked bytes.
int64_t ReadOn(FetchSize& size, int64_t growth, int64_t most) {
  int64_t unpacked = 0;
  while (unpacked < most) {
    const int64_t packed = size.bytes();
    unpacked += packed * growth;
    if (size.Learn(packed, packed * growth)) break;
  }
  return unpacked;
}

FetchSize WideOne() {
  FetchSize size(kRoom);
  while (size.bytes() < FetchSize::kWidest) ReadOn(size, 7, kRoom);
  return size;
}

TEST(FetchSizeTest, BecomesWideInTwoStepsWithOrdinaryRecords) {
  FetchSize size(kRoom);
  EXPECT_EQ(size.bytes(), FetchSize::kNarrowest);
  EXPECT_EQ(ReadOn(size, 7, kRoom), 8 * 7 * FetchSize::kNarrowest);
  EXPECT_EQ(size.bytes(), 128'000);
  EXPECT_EQ(ReadOn(size, 7, kRoom), 8 * 7 * 128'000);
  EXPECT_EQ(size.bytes(), FetchSize::kWidest);
  EXPECT_GE(ReadOn(size, 7, 100 * kRoom), 100 * kRoom) << "it changed once more";
}

TEST(FetchSizeTest, ABatchLargerThanTheFetchTellsAtOnce) {
  FetchSize size(kRoom);
  EXPECT_TRUE(size.Learn(150'000, 1'000'000));
  EXPECT_EQ(size.bytes(), 128'000);
}

TEST(FetchSizeTest, StaysNarrowWithRecordsThatGrowAThousandfold) {
  FetchSize size(kRoom);
  EXPECT_GE(ReadOn(size, 5'000, 1'000 * kRoom), 1'000 * kRoom);
  EXPECT_EQ(size.bytes(), FetchSize::kNarrowest);
}

TEST(FetchSizeTest, BringsWhatThereIsRoomFor) {
  FetchSize size(kRoom);
  while (ReadOn(size, 100, 100 * kRoom) < 100 * kRoom) continue;
  EXPECT_EQ(size.bytes(), kRoom / 100);
  FetchSize small(kRoom / 2);
  while (ReadOn(small, 100, 100 * kRoom) < 100 * kRoom) continue;
  EXPECT_EQ(small.bytes(), 128'000) << "150,000 would fit: not worth a connection";
}

TEST(FetchSizeTest, BecomesNarrowWhenRecordsGrowMore) {
  FetchSize size = WideOne();
  // One fetch unpacked to very many bytes, and no other arrived while they were read.
  ASSERT_TRUE(size.Learn(FetchSize::kWidest, 1'000 * FetchSize::kWidest));
  EXPECT_EQ(size.bytes(), kRoom / 1'000);
}

TEST(FetchSizeTest, IsCarefulAfterThat) {
  FetchSize size = WideOne();
  ASSERT_TRUE(size.Learn(FetchSize::kWidest, 1'000 * FetchSize::kWidest));
  EXPECT_GE(ReadOn(size, 7, 10 * kRoom), 4 * kRoom);
  EXPECT_GT(size.bytes(), kRoom / 1'000);
}

TEST(FetchSizeTest, RecordsThatCameWithoutAnAnswerAreAFlood) {
  FetchSize size = WideOne();
  ASSERT_TRUE(size.Learn(0, 4 * kRoom));
  EXPECT_EQ(size.bytes(), FetchSize::kNarrowest);
}

}  // namespace
}  // namespace forebay::kafka
