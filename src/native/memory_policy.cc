#include "native/memory_policy.h"

#include <algorithm>
#include <numeric>

#include "store/parquet_file.h"

namespace forebay {
namespace {

constexpr int64_t kFixedMemory = 150'000'000;  // code, libraries, connections, the ledger
constexpr int64_t kMaxClientQueue = 64'000'000;

// Spilling below this share of the limit would write small row groups.
int64_t MaxFilling(int64_t limit) {
  return limit / 4;
}

// Open files hold their memory until the batch ends.
int64_t MaxFiles(int64_t limit) {
  return limit / 2;
}

}  // namespace

MemoryShares DivideMemory(int64_t memory_limit, uint32_t shards) {
  const int64_t records = memory_limit - kFixedMemory;
  return {.client_queue = std::min(records / 12, kMaxClientQueue),
          .chunks = records / 12,
          .shard = records / 3 / shards};
}

int64_t MaxBlockBytes(int64_t shard_limit) {
  return std::min(kMaxRowGroupBytes, shard_limit / 6);
}

MemoryStep NextMemoryStep(const ShardMemory& memory) {
  if (memory.used <= memory.limit) return MemoryStep::kDone;
  if (memory.pooled > 0) return MemoryStep::kTrimPools;
  if (memory.earlier_batches) return MemoryStep::kAwaitEarlierBatches;
  if (memory.filling > MaxFilling(memory.limit)) {
    return memory.files_if_spilled > MaxFiles(memory.limit) ? MemoryStep::kCut : MemoryStep::kSpill;
  }
  return memory.files > MaxFiles(memory.limit) ? MemoryStep::kCut : MemoryStep::kAwaitWriter;
}

SpillPlan PlanSpill(const std::vector<SpillCandidate>& candidates, int64_t filling, int64_t limit) {
  SpillPlan plan;
  if (filling <= MaxFilling(limit)) return plan;
  plan.blocks.resize(candidates.size());
  std::iota(plan.blocks.begin(), plan.blocks.end(), size_t{0});
  std::stable_sort(plan.blocks.begin(), plan.blocks.end(),
                   [&](size_t a, size_t b) { return candidates[a].bytes > candidates[b].bytes; });
  size_t count = 0;
  for (; count < plan.blocks.size() && filling > MaxFilling(limit); ++count) {
    const SpillCandidate& block = candidates[plan.blocks[count]];
    filling -= block.bytes;
    plan.new_file_bytes += block.new_file_bytes;
  }
  plan.blocks.resize(count);
  return plan;
}

}  // namespace forebay
