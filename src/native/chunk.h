// The unit that the consuming thread hands to the shards.
#pragma once

#include <memory>
#include <vector>

#include "kafka/consumer.h"
#include "native/memory_budget.h"

namespace forebay {

// The messages of one poll, and the partitions' positions after it. Every shard gets every chunk, and handles
// only its own partitions.
struct Chunk {
  kafka::MessageBatch messages;
  std::vector<kafka::Position> positions;  // of all partitions, after `messages`
  MemoryBudget::Reservation memory;        // of the keys and values, until the last shard is done
};

using SharedChunk = std::shared_ptr<const Chunk>;

}  // namespace forebay
