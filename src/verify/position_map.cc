#include "verify/position_map.h"

#include <algorithm>
#include <bit>

namespace forebay {
namespace {

constexpr int64_t kWordsAPage = PositionMap::kPageBits / 64;

// The bits of [from, to) in this word.
uint64_t MaskOf(int64_t word, int64_t from, int64_t to) {
  uint64_t mask = ~uint64_t{0};
  if (from > word * 64) mask &= ~uint64_t{0} << (from - word * 64);
  if (to < (word + 1) * 64) mask &= ~uint64_t{0} >> ((word + 1) * 64 - to);
  return mask;
}

}  // namespace

PositionMap::Page& PositionMap::PageAt(size_t partition, int64_t page_number) {
  Partition& owner = partitions_[partition];
  const std::lock_guard lock(owner.mutex);
  std::unique_ptr<Page>& page = owner.pages[page_number];
  if (page == nullptr) page = std::make_unique<Page>();
  return *page;
}

const PositionMap::Page* PositionMap::FindPage(size_t partition, int64_t page_number) const {
  const auto& pages = partitions_[partition].pages;
  const auto found = pages.find(page_number);
  return found == pages.end() ? nullptr : found->second.get();
}

uint64_t PositionMap::CountSeen(size_t partition, const OffsetSet& offsets) const {
  uint64_t count = 0;
  for (const OffsetRange& range : offsets) {
    const int64_t from = range.from.value();
    const int64_t to = range.to.value();
    for (int64_t number = from / kPageBits; number * kPageBits < to; ++number) {
      const Page* const page = FindPage(partition, number);
      if (page == nullptr) continue;
      const int64_t first = std::max(from / 64, number * kWordsAPage);
      const int64_t last = std::min((to - 1) / 64, (number + 1) * kWordsAPage - 1);
      for (int64_t word = first; word <= last; ++word) {
        const uint64_t bits =
            page->words[static_cast<size_t>(word % kWordsAPage)].load(std::memory_order_relaxed);
        count += static_cast<uint64_t>(std::popcount(bits & MaskOf(word, from, to)));
      }
    }
  }
  return count;
}

OffsetSet PositionMap::Absent(size_t partition, const OffsetSet& offsets) const {
  std::vector<OffsetRange> absent;
  const auto append = [&absent](int64_t from, int64_t to) {
    if (!absent.empty() && absent.back().to == Offset(from)) {
      absent.back().to = Offset(to);
    } else {
      absent.push_back({Offset(from), Offset(to)});
    }
  };
  for (const OffsetRange& range : offsets) {
    int64_t at = range.from.value();
    const int64_t to = range.to.value();
    while (at < to) {
      const Page* const page = FindPage(partition, at / kPageBits);
      if (page == nullptr) {
        const int64_t end = std::min(to, (at / kPageBits + 1) * kPageBits);
        append(at, end);
        at = end;
        continue;
      }
      const int64_t word = at / 64;
      const uint64_t seen =
          page->words[static_cast<size_t>(word % kWordsAPage)].load(std::memory_order_relaxed);
      uint64_t missing = ~seen & MaskOf(word, at, to);
      while (missing != 0) {
        const int begin = std::countr_zero(missing);
        const int length = std::countr_one(missing >> begin);
        append(word * 64 + begin, word * 64 + begin + length);
        if (begin + length == 64) break;
        missing &= ~uint64_t{0} << (begin + length);
      }
      at = (word + 1) * 64;
    }
  }
  return Normalized(std::move(absent));
}

void PositionMarker::MoveTo(int64_t word) {
  Flush();
  word_ = word;
  const int64_t page_number = word / kWordsAPage;
  if (page_number == page_number_) return;
  page_ = &map_->PageAt(partition_, page_number);
  page_number_ = page_number;
}

void PositionMarker::Flush() {
  if (pending_ == 0) return;
  const auto slot = static_cast<size_t>(word_ % kWordsAPage);
  uint64_t duplicates = page_->words[slot].fetch_or(pending_, std::memory_order_relaxed) & pending_;
  for (; duplicates != 0; duplicates &= duplicates - 1) {
    AppendOffset(duplicates_, Offset(word_ * 64 + std::countr_zero(duplicates)));
  }
  pending_ = 0;
}

}  // namespace forebay
