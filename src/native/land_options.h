// Options and running totals of a landing.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "commit/start.h"
#include "ledger/field_sums.h"
#include "native/telemetry.h"

namespace forebay {

struct LandOptions : StartOptions {
  std::string lake;
  std::string consumer_group;  // for lag tools; empty: offsets are not committed to the brokers
  bool wait_for_lock = false;
  bool existing = false;                  // refuse to begin a new lake
  int64_t flush_interval_ms = 60'000;     // maximum wait of a record before it is landed
  int64_t batch_rows = 4'000'000;         // records in a batch
  int64_t batch_bytes = 2'000'000'000;    // bytes of record values in a batch
  int64_t file_bytes = 256'000'000;       // a file is finished once it reaches this size
  int64_t memory_limit = 512'000'000;     // of the whole process
  int64_t max_open_partitions = 10'000;   // directories in one batch
  std::optional<double> max_reject_rate;  // of a table's records in a batch: see CheckRejectRate
  LandTelemetry* telemetry = nullptr;     // updated by the landing; outlives it; may be null
};

// Totals since the landing began.
struct LandProgress {
  int64_t batches = 0;
  int64_t files = 0;
  int64_t file_bytes = 0;
  int64_t rows = 0;
  int64_t quarantined = 0;
  int64_t tombstones = 0;
  int64_t untimed = 0;         // of all of these: records without a usable Kafka timestamp
  int64_t consumed = 0;        // records, landed or still in the pipeline
  int64_t consumed_bytes = 0;  // of their values
  int64_t target = 0;          // with --once: offsets to process; 0 otherwise
  int64_t reached = 0;         // of `target`
  int64_t held_back = 0;       // with --once: offsets behind open transactions, beyond the end of the landing
  FieldSumsByTable fields;     // what the landed rows tell about the contract
  bool new_lake = false;       // the landing began the lake
  bool interrupted = false;  // a stop ended the landing before the target, or before what was consumed landed

  // Adds the totals of another batch or session. Leaves those of the landing and of one session alone.
  void Add(const LandProgress& other) {
    batches += other.batches;
    files += other.files;
    file_bytes += other.file_bytes;
    rows += other.rows;
    quarantined += other.quarantined;
    tombstones += other.tombstones;
    untimed += other.untimed;
    consumed += other.consumed;
    consumed_bytes += other.consumed_bytes;
  }
  // Adds the field counts of a batch.
  void AddFields(const std::vector<FieldCount>& counts) { AddFieldCounts(counts, &fields); }
};

}  // namespace forebay
