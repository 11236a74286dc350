// `lake rebuild`: recreates a damaged or missing file from Kafka's records and puts it in its place.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "kafka/client_config.h"

namespace forebay {

struct RebuildOptions {
  std::string lake;
  const kafka::ClientConfig* brokers = nullptr;
  std::vector<std::string> files;  // relative to the lake, or with its path; empty: all damaged files
  // Also rebuild batches of engines other than the native one. The new rows are the decoder's output, without
  // any transformation by that engine's job.
  bool as_decoded = false;
  bool wait_for_lock = false;
  const std::atomic<bool>* stop = nullptr;
};

struct RebuiltFileReport {
  std::string file;  // relative to the lake
  std::string damage;
  int64_t rows = 0;
  std::string error;  // why it could not be rebuilt; empty: it is in its place
};

struct RebuildReport {
  std::vector<RebuiltFileReport> files;  // the damaged files, in the order of batches
  bool all_rebuilt() const;
};

// Takes the lake's lock. It does not recover first, because a recovery may need the damaged file. For each
// damaged file:
//   - It reads the ranges of the file's batch again, with that batch's contract.
//   - It keeps the rows of the file's table and directory that no whole file of the batch has.
//   - It requires the ledger's number of rows and sums of positions and keys, and then replaces the file.
// Then it recovers, unless a file could not be rebuilt or `files` is not empty. Files that cannot be rebuilt
// are reported and left as they are: Kafka no longer has all the records, or the topic was recreated. Returns
// kInvalidArgument for a file that the ledger does not know, and kUnavailable or kIoError when brokers or the
// disk fail. If it is interrupted, the next landing or `lake rebuild` finishes the rebuilds already decided.
Result<RebuildReport> RebuildFiles(const RebuildOptions& options);

}  // namespace forebay
