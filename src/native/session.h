// State shared by the threads of a session: one run of the pipeline, from explicit positions to a stop.
//
//   consumer thread --chunks--> shard: decode thread --blocks--> write thread --batches--> commit thread
//
// A shard owns some of the Kafka partitions, which preserves their order without locks. It cuts its own
// batches.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "commit/land_plan.h"
#include "contract/contract.h"
#include "kafka/consumer.h"
#include "native/land_options.h"

namespace forebay {

// The messages of one poll, and the partitions' positions after it.
struct Chunk {
  kafka::MessageBatch messages;
  std::vector<kafka::Position> positions;  // of all partitions, after `messages`
};

// The first error of any thread ends the session. Thread-safe.
class SessionState {
 public:
  void Fail(Error error) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(error);
    failed_.store(true);
  }
  bool failed() const { return failed_.load(std::memory_order_relaxed); }
  std::optional<Error> failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

  // Adds a batch to the totals landed so far, for progress.
  void Landed(const LandProgress& batch) {
    const std::lock_guard lock(mutex_);
    landed_.Add(batch);
  }
  LandProgress landed() const {
    const std::lock_guard lock(mutex_);
    return landed_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<Error> failure_;
  std::atomic<bool> failed_{false};
  LandProgress landed_;
};

}  // namespace forebay
