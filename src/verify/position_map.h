// The set of offsets seen so far, one bit each. A page is allocated when its first offset is marked, so
// memory depends on the number of offsets present and not on the largest offset.
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

// One set for each of a fixed number of partitions, identified by index. Marking is thread-safe (through
// PositionMarkers); reading is thread-safe after all marking has ended.
class PositionMap {
 public:
  static constexpr int64_t kPageBits = 1 << 15;
  struct Page {
    std::array<std::atomic<uint64_t>, kPageBits / 64> words{};
  };

  explicit PositionMap(size_t partitions) : partitions_(partitions) {}

  // Returns the page with this number, and allocates it if needed; its address is stable. Thread-safe.
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

// Marks the offsets of one partition from one file. Owned by one thread. Accepts offsets in any order;
// ascending order is fastest.
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
  // Writes pending marks. Must be called after the last Mark.
  void Flush();
  // The duplicate offsets: already marked by this or another marker. Unordered; complete after Flush.
  const std::vector<OffsetRange>& duplicates() const { return duplicates_; }

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
