// A pool of reusable blocks: the decode thread fills them, and the write thread returns them.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "decode/row_block.h"
#include "native/memory_budget.h"

namespace forebay {

// A block with the memory that it counts against its shard's budget.
template <typename BlockType>
struct BudgetedBlock {
  std::unique_ptr<BlockType> block;
  MemoryBudget::Reservation memory;

  // Called after the block may have grown.
  void UpdateMemory() { memory.Resize(static_cast<int64_t>(block->memory_bytes())); }
};

using BudgetedRows = BudgetedBlock<RowBlock>;
using BudgetedQuarantine = BudgetedBlock<QuarantineBlock>;

// Holds blocks of one kind (one table's, or quarantine's). Thread-safe.
template <typename BlockType>
class BlockPool {
 public:
  explicit BlockPool(MemoryBudget& budget) : budget_(budget) {}

  // Returns an empty block: a reused one, or a new one constructed with `arguments`.
  template <typename... Arguments>
  BudgetedBlock<BlockType> Borrow(const Arguments&... arguments) {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        BudgetedBlock<BlockType> reused = std::move(free_.back());
        free_.pop_back();
        reused.memory.MoveTo(MemoryUse::kFilling);
        return reused;
      }
    }
    auto block = std::make_unique<BlockType>(arguments...);
    const auto bytes = static_cast<int64_t>(block->memory_bytes());
    return {std::move(block), budget_.Reserve(MemoryUse::kFilling, bytes)};
  }
  // Keeps the block, unless more than half of the budget is used.
  void Return(BudgetedBlock<BlockType> returned) {
    if (budget_.used() > budget_.limit() / 2) return;
    returned.block->Clear();
    returned.memory.MoveTo(MemoryUse::kPooled);
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(returned));
  }
  void Trim() {
    const std::lock_guard lock(mutex_);
    free_.clear();
  }

 private:
  MemoryBudget& budget_;
  std::mutex mutex_;
  std::vector<BudgetedBlock<BlockType>> free_;
};

}  // namespace forebay
