#include "verify/position_map.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <thread>

namespace forebay {
namespace {

OffsetRange R(int64_t from, int64_t to) {
  return {Offset(from), Offset(to)};
}

TEST(PositionMap, FindsAbsentOffsets) {
  PositionMap map(2);
  PositionMarker marker(map, 1);
  for (int64_t i = 10; i < 200; ++i) {
    if (i != 63 && i != 64 && i != 128) marker.Mark(i);
  }
  marker.Flush();
  EXPECT_TRUE(marker.duplicates().empty());
  EXPECT_EQ(map.Absent(1, {R(0, 210)}), (OffsetSet{R(0, 10), R(63, 65), R(128, 129), R(200, 210)}));
  EXPECT_EQ(map.CountSeen(1, {R(0, 210)}), 187u);
  EXPECT_EQ(map.CountSeen(0, {R(0, 210)}), 0u);
}

TEST(PositionMap, FindsDuplicatesInOneMarkerAndAcross) {
  PositionMap map(1);
  PositionMarker first(map, 0);
  for (const int64_t offset : {5, 6, 6, 100, 7}) first.Mark(offset);
  first.Flush();
  EXPECT_EQ(Normalized(first.duplicates()), (OffsetSet{R(6, 7)}));
  PositionMarker second(map, 0);
  for (const int64_t offset : {4, 5, 7, 100}) second.Mark(offset);
  second.Flush();
  EXPECT_EQ(Normalized(second.duplicates()), (OffsetSet{R(5, 6), R(7, 8), R(100, 101)}));
}

TEST(PositionMap, AgreesWithAPlainSetOverFarOffsets) {
  std::mt19937_64 random(3);
  PositionMap map(1);
  PositionMarker marker(map, 0);
  std::set<int64_t> seen;
  constexpr int64_t kBase = int64_t{1} << 40;
  for (int i = 0; i < 20000; ++i) {
    const int64_t offset = kBase + static_cast<int64_t>(random() % 100000);
    if (seen.insert(offset).second) marker.Mark(offset);
  }
  marker.Flush();
  EXPECT_TRUE(marker.duplicates().empty());
  for (int round = 0; round < 300; ++round) {
    const int64_t from = kBase + static_cast<int64_t>(random() % 100000);
    const int64_t to = from + 1 + static_cast<int64_t>(random() % 500);
    uint64_t expected = 0;
    std::set<int64_t> absent;
    for (int64_t i = from; i < to; ++i) {
      if (seen.contains(i)) {
        ++expected;
      } else {
        absent.insert(i);
      }
    }
    EXPECT_EQ(map.CountSeen(0, {R(from, to)}), expected);
    const OffsetSet got = map.Absent(0, {R(from, to)});
    EXPECT_EQ(CountOffsets(got), absent.size());
    for (const OffsetRange& range : got) EXPECT_TRUE(absent.contains(range.from.value()));
  }
}

TEST(PositionMap, ConcurrentMarkersFindEachDuplicateOnce) {
  PositionMap map(1);
  constexpr int64_t kOffsets = 200'000;
  std::vector<uint64_t> duplicates(2);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 2; ++t) {
    threads.emplace_back([&map, &duplicates, t] {
      PositionMarker marker(map, 0);
      for (int64_t i = 0; i < kOffsets; ++i) marker.Mark(i);
      marker.Flush();
      duplicates[t] = CountOffsets(Normalized(marker.duplicates()));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(duplicates[0] + duplicates[1], static_cast<uint64_t>(kOffsets));
}

}  // namespace
}  // namespace forebay
