// Telemetry of a running landing: counters and gauges that its threads update and other threads read.
//
// They are updated once per chunk, block, file or batch, never per record, so that records pay nothing for
// them. Each number is read separately: two numbers may come from slightly different moments.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "base/histogram.h"

namespace forebay {

enum class LandPhase : uint8_t {
  kStarting,
  kWaiting,     // for another lander's lock
  kRecovering,  // finishing the work of an earlier landing
  kPreparing,   // querying the brokers, writing beginnings
  kLanding,     // consuming
  kEnded,       // as requested
  kFailed,
};

// Records and bytes that have left a stage since the process began.
struct StageCounter {
  std::atomic<int64_t> records{0};
  std::atomic<int64_t> bytes{0};

  void Add(int64_t more_records, int64_t more_bytes) {
    records.fetch_add(more_records, std::memory_order_relaxed);
    bytes.fetch_add(more_bytes, std::memory_order_relaxed);
  }
};

// Thread-safe. Must outlive the landing that updates it.
struct LandTelemetry {
  std::atomic<LandPhase> phase{LandPhase::kStarting};

  StageCounter consumed;   // bytes of keys and values
  StageCounter decoded;    // bytes of values
  StageCounter written;    // records in finished staged files, without tombstones; bytes of Parquet
  StageCounter committed;  // records in published batches, with tombstones; bytes of Parquet
  std::atomic<int64_t> batches{0};
  std::atomic<int64_t> files{0};
  DurationHistogram commit_seconds;  // from the first sync of a batch to its last rename
  std::atomic<int64_t> last_commit_ms{0};

  // Work waiting between two stages, and its limit.
  std::atomic<int64_t> in_flight_bytes{0};  // consumed, not decoded
  std::atomic<int64_t> in_flight_limit_bytes{0};
  std::atomic<int64_t> queued_blocks{0};   // decoded, not written
  std::atomic<int64_t> open_files{0};      // Parquet files being written
  std::atomic<int64_t> staged_batches{0};  // written, not committed

  void Fail(const std::string& why) {
    const std::lock_guard lock(mutex_);
    failure_ = why;
    phase.store(LandPhase::kFailed);
  }
  // Empty unless the phase is kFailed.
  std::string failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  mutable std::mutex mutex_;
  std::string failure_;
};

}  // namespace forebay
