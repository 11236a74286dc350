// Which offsets have been seen: one bit each, in pages that are made when an offset in them is first seen, so
// that memory follows what is there and not how far offsets reach.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "verify/offset_sets.h"

namespace forebay {

// One set for each of a fixed number of partitions, known here by their index. Marking is thread-safe
// (through PositionMarkers); reading is, once nobody marks any more.
class PositionMap {
 public:
  static constexpr int64_t kPageBits = 1 << 15;
  struct Page {
    std::array<std::atomic<uint64_t>, kPageBits / 64> words{};
  };

  explicit PositionMap(size_t partitions) : partitions_(partitions) {}

  // The page with this number, made when needed; it stays where it is. Thread-safe.
  Page& PageAt(size_t partition, int64_t page_number);

  uint64_t CountSeen(size_t partition, const OffsetSet& offsets) const;
  OffsetSet Absent(size_t partition, const OffsetSet& offsets) const;

 private:
  struct Partition {
    std::mutex mutex;
    std::unordered_map<int64_t, std::unique_ptr<Page>> pages;
  };
  const Page* FindPage(size_t partition, int64_t page_number) const;

  std::vector<Partition> partitions_;
};

// Marks the offsets of one partition out of one file. Owned by one thread; offsets of any order, fastest when
// they ascend.
class PositionMarker {
 public:
  PositionMarker(PositionMap& map, size_t partition) : map_(&map), partition_(partition) {}

  // REQUIRES: offset >= 0.
  void Mark(int64_t offset) {
    const int64_t word = offset >> 6;
    if (word != word_) [[unlikely]]
      MoveTo(word);
    const uint64_t bit = uint64_t{1} << (offset & 63);
    if ((pending_ & bit) != 0) [[unlikely]]
      AppendOffset(duplicates_, Offset(offset));
    pending_ |= bit;
  }
  // Writes what is pending. To be called after the last Mark.
  void Flush();
  // The offsets that were marked before, here or by somebody else; unordered, and complete after Flush.
  const std::vector<OffsetRange>& doubled() const { return duplicates_; }

 private:
  void MoveTo(int64_t word);

  PositionMap* map_;
  size_t partition_;
  PositionMap::Page* page_ = nullptr;
  int64_t page_number_ = -1;
  int64_t word_ = -1;
  uint64_t pending_ = 0;
  std::vector<OffsetRange> duplicates_;
};

}  // namespace forebay
