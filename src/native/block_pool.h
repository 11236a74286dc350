// A pool of reusable blocks: the decode thread fills them, and the write thread returns them.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "decode/row_block.h"
#include "native/memory_gauge.h"

namespace forebay {

// Holds blocks of one kind (one table's, or quarantine's). The gauge counts the memory of every block until
// the block is dropped. The borrower counts any growth. Thread-safe.
template <typename BlockType>
class BlockPool {
 public:
  // While the gauge exceeds `keep_below`, returned blocks are dropped instead of kept.
  BlockPool(MemoryGauge& gauge, int64_t keep_below) : gauge_(gauge), keep_below_(keep_below) {}
  ~BlockPool() { Trim(); }

  // Returns an empty block: a reused one, or a new one constructed with `arguments`.
  template <typename... Arguments>
  std::unique_ptr<BlockType> Take(const Arguments&... arguments) {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        std::unique_ptr<BlockType> block = std::move(free_.back());
        free_.pop_back();
        return block;
      }
    }
    auto block = std::make_unique<BlockType>(arguments...);
    gauge_.Add(static_cast<int64_t>(block->memory_bytes()));
    return block;
  }
  void Return(std::unique_ptr<BlockType> block) {
    if (gauge_.used() > keep_below_) {
      gauge_.Sub(static_cast<int64_t>(block->memory_bytes()));
      return;
    }
    block->Clear();
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(block));
  }
  void Trim() {
    const std::lock_guard lock(mutex_);
    for (const auto& block : free_) gauge_.Sub(static_cast<int64_t>(block->memory_bytes()));
    free_.clear();
  }

 private:
  MemoryGauge& gauge_;
  const int64_t keep_below_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<BlockType>> free_;
};

}  // namespace forebay
