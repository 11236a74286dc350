// The counts of a session: each stage reports its work here, once.
#pragma once

#include <cstdint>
#include <mutex>

#include "base/time.h"
#include "native/land_options.h"
#include "native/telemetry.h"

namespace forebay {

// Keeps the totals for the progress function, and updates the telemetry. Thread-safe.
class PipelineStats {
 public:
  // `before` holds the totals of earlier sessions of the landing.
  PipelineStats(LandTelemetry& telemetry, const LandProgress& before)
      : telemetry_(telemetry), totals_(before) {
    totals_.target = totals_.reached = 0;
  }
  // Nothing waits between two stages any more.
  ~PipelineStats() {
    for (auto* gauge : {&telemetry_.in_flight_bytes, &telemetry_.queued_blocks, &telemetry_.open_files,
                        &telemetry_.staged_batches}) {
      gauge->store(0);
    }
  }
  PipelineStats(const PipelineStats&) = delete;
  PipelineStats& operator=(const PipelineStats&) = delete;

  // Consuming thread.
  void Consumed(int64_t records, int64_t bytes) {
    telemetry_.consumed.Add(records, bytes);
    const std::lock_guard lock(mutex_);
    totals_.consumed += records;
    totals_.consumed_bytes += bytes;
  }
  void InFlight(int64_t bytes, int64_t limit) {
    telemetry_.in_flight_bytes.store(bytes, std::memory_order_relaxed);
    telemetry_.in_flight_limit_bytes.store(limit, std::memory_order_relaxed);
  }

  // Decode threads.
  void Decoded(int64_t records, int64_t bytes) { telemetry_.decoded.Add(records, bytes); }
  void BlockQueued() { Add(telemetry_.queued_blocks, 1); }

  // Write threads.
  void BlockWritten() { Add(telemetry_.queued_blocks, -1); }
  void FileOpened() { Add(telemetry_.open_files, 1); }
  void FileFinished(int64_t rows, int64_t bytes) {
    Add(telemetry_.open_files, -1);
    telemetry_.written.Add(rows, bytes);
  }
  void BatchStaged() { Add(telemetry_.staged_batches, 1); }

  // Commit thread.
  void CommitBegan() { Add(telemetry_.staged_batches, -1); }
  void Committed(const LandProgress& batch, const std::vector<FieldCount>& fields, double seconds) {
    telemetry_.committed.Add(batch.rows + batch.quarantined + batch.tombstones, batch.file_bytes);
    Add(telemetry_.batches, 1);
    Add(telemetry_.files, batch.files);
    telemetry_.commit_seconds.Observe(seconds);
    telemetry_.last_commit_ms.store(WallClockMillis(), std::memory_order_relaxed);
    const std::lock_guard lock(mutex_);
    totals_.Add(batch);
    totals_.AddFields(fields);
  }

  LandProgress totals() const {
    const std::lock_guard lock(mutex_);
    return totals_;
  }

 private:
  static void Add(std::atomic<int64_t>& gauge, int64_t count) {
    gauge.fetch_add(count, std::memory_order_relaxed);
  }

  LandTelemetry& telemetry_;
  mutable std::mutex mutex_;
  LandProgress totals_;
};

}  // namespace forebay
