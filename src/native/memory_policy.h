// Decisions about memory: how --memory-limit is divided, and how a shard that exceeds its part comes back
// below it. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace forebay {

// Parts of --memory-limit. The client's queue and the chunks being decoded have a twelfth each of what
// records may use; the shards' blocks and files have a third together. The rest covers the copies that
// encoding and compression make, and memory that the allocator keeps.
struct MemoryShares {
  int64_t client_queue = 0;
  int64_t chunks = 0;
  int64_t shard = 0;  // of each shard
};

inline constexpr int64_t kMinMemoryLimit = 192'000'000;

// REQUIRES: memory_limit >= kMinMemoryLimit, shards > 0.
MemoryShares DivideMemory(int64_t memory_limit, uint32_t shards);

// Size at which a block becomes a row group. Writing a block takes about three times its memory, so a row
// group must be a small part of the shard's limit.
int64_t MaxBlockBytes(int64_t shard_limit);

// The memory of a shard.
struct ShardMemory {
  int64_t limit = 0;
  int64_t used = 0;              // counts against the limit; the three below are parts of it
  int64_t pooled = 0;            // empty blocks
  int64_t filling = 0;           // blocks that rows are appended to
  int64_t files = 0;             // of the files that are open, or that queued blocks will open
  int64_t files_if_spilled = 0;  // the same, with those that a spill would open
  bool earlier_batches = false;  // the write stage still frees the memory of batches that are cut
};

enum class MemoryStep : uint8_t {
  kDone,                 // below the limit
  kTrimPools,            // drop empty blocks, then decide again
  kAwaitEarlierBatches,  // wait for the write stage to finish the batches cut so far, then decide again
  kSpill,                // write the largest blocks before they are full
  kCut,                  // end the batch: its files are then written and closed one after the other
  kAwaitWriter,          // wait for the write stage: it has the memory
};

// The next step of a shard towards its limit.
MemoryStep NextMemoryStep(const ShardMemory& memory);

// A block being filled. Blocks are numbered by their position in the list given to PlanSpill.
struct SpillCandidate {
  int64_t bytes = 0;
  int64_t new_file_bytes = 0;  // of the file that it would open; 0: its file is open
};

// The largest blocks, as few as bring `filling` down to a quarter of the limit.
struct SpillPlan {
  std::vector<size_t> blocks;
  int64_t new_file_bytes = 0;
};
SpillPlan PlanSpill(const std::vector<SpillCandidate>& candidates, int64_t filling, int64_t limit);

}  // namespace forebay
