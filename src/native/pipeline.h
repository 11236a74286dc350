// The threads of a session behind the consuming one:
//
//   consuming thread --chunks--> shard: decode thread --blocks--> write thread --batches--> commit thread
//
// A shard owns some of the Kafka partitions, which preserves their order without locks. It cuts its own
// batches.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "commit/commit.h"
#include "native/batch_writer.h"
#include "native/chunk.h"
#include "native/commit_loop.h"
#include "native/memory_policy.h"
#include "native/session_context.h"
#include "native/shard.h"
#include "store/table_store.h"

namespace forebay {

// Thread-safety: the consuming thread calls all methods. A stage that fails sets the session's error, and
// every other stage then ends, whatever it waits for.
class Pipeline {
 public:
  // Starts the threads. `session`, `store` and `commits` must outlive the pipeline.
  static Result<std::unique_ptr<Pipeline>> Start(SessionContext& session, TableStore& store,
                                                 CommitLoop& commits, uint32_t shards,
                                                 const MemoryShares& memory);
  // Ends the threads as Finish does.
  ~Pipeline();

  // Waits until the chunks that are not decoded yet keep to their share of memory, until the session has an
  // error, or until `*stop` (may be null) is set.
  void AwaitRoom(const std::atomic<bool>* stop);
  void Push(kafka::MessageBatch messages, const std::vector<kafka::Position>& positions);
  // Ends the stages in pipeline order. What was pushed is landed, unless the session has an error.
  void Finish();

 private:
  struct ShardThreads {
    explicit ShardThreads(int64_t memory_limit) : shared(memory_limit) {}

    ShardShared shared;
    BoundedQueue<SharedChunk> chunks{2};
    std::unique_ptr<Shard> decoder;
    std::unique_ptr<BatchWriter> writer;
    std::thread decode_thread;
    std::thread write_thread;
  };

  Pipeline(SessionContext& session, CommitLoop& commits, int64_t chunk_memory)
      : session_(session), commits_(commits), chunk_memory_(chunk_memory) {}
  void StartThreads();
  void FailOn(const Status& status);
  void AbandonQueues();

  SessionContext& session_;
  CommitLoop& commits_;
  MemoryBudget chunk_memory_;  // keys and values of chunks that some shard still holds
  BoundedQueue<StagedBatch> to_commit_{1};
  std::vector<std::unique_ptr<ShardThreads>> shards_;
  std::thread commit_thread_;
};

}  // namespace forebay
