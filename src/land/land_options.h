// How a landing is done, and what is told about it while it runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"
#include "kafka/client_config.h"
#include "land/telemetry.h"

namespace forebay {

// Where a partition that the ledger has never seen is begun.
struct StartAt {
  enum class Kind { kEarliest, kLatest, kTimestamp };
  Kind kind = Kind::kEarliest;
  int64_t timestamp_ms = 0;
};
// "earliest", "latest" or a timestamp as in the contract; kUsage otherwise.
Result<StartAt> ParseStartAt(const std::string& text);

struct LandOptions {
  const Contract* contract = nullptr;  // outlives the landing
  const kafka::ClientConfig* brokers = nullptr;
  std::string lake;
  std::vector<std::string> tables;  // those to be landed, by name; empty: all of the contract
  bool follow = false;              // false: land up to the ends that the broker reports at the start
  bool wait_for_lock = false;
  StartAt start;
  int64_t flush_interval_ms = 60'000;     // the longest a record waits to be landed
  int64_t batch_rows = 4'000'000;         // records in a batch
  int64_t batch_bytes = 2'000'000'000;    // bytes of record values in a batch
  int64_t file_bytes = 256'000'000;       // a file is ended once it is this large
  int64_t memory_limit = 512'000'000;     // of the whole process
  int64_t max_open_partitions = 10'000;   // directories in one batch
  std::optional<double> max_reject_rate;  // of a batch's records, 0 to 1
  bool accept_loss = false;
  std::vector<std::string> adopt_topics;
  const std::atomic<bool>* stop = nullptr;  // set by a signal: land what was consumed and end
  LandTelemetry* telemetry = nullptr;       // filled in as the landing goes on; outlives it; may be null
};

// Whether a batch of so many records, of which `reasons` (by topic and reason) were refused, may be landed:
// kWorld when more of them were refused than max_reject_rate allows.
using RefusedByReason = std::map<std::pair<std::string, std::string>, int64_t>;
Status CheckRejectRate(const std::optional<double>& max_reject_rate, int64_t records,
                       const RefusedByReason& reasons);

// Totals of a landing since it began.
struct LandProgress {
  int64_t batches = 0;
  int64_t files = 0;
  int64_t file_bytes = 0;
  int64_t rows = 0;
  int64_t quarantined = 0;
  int64_t tombstones = 0;
  int64_t consumed = 0;        // records, landed or still on their way
  int64_t consumed_bytes = 0;  // of their values
  int64_t target = 0;          // with --once: offsets to get through; 0 otherwise
  int64_t reached = 0;         // of those

  // Adds what another batch or session landed and consumed. `target` and `reached` are of one session: left
  // alone.
  void Add(const LandProgress& other) {
    batches += other.batches;
    files += other.files;
    file_bytes += other.file_bytes;
    rows += other.rows;
    quarantined += other.quarantined;
    tombstones += other.tombstones;
    consumed += other.consumed;
    consumed_bytes += other.consumed_bytes;
  }
};

// Called from the consuming thread a few times a second.
using ProgressFunction = std::function<void(const LandProgress&)>;

// Lands. Returns the totals when it has ended as asked; an error otherwise, after which the lake is
// consistent and the next landing goes on.
Result<LandProgress> Land(const LandOptions& options, const ProgressFunction& progress);

}  // namespace forebay
