// `lake rebuild`: a damaged or missing file is made again from Kafka's records, and put in its place.
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
  std::vector<std::string> files;  // relative to the lake, or with its path; empty: all that are damaged
  // Batches of another engine than the native one, too: their rows become what the decoder makes of the
  // records, whatever a transformation of that engine's job had made of them.
  bool as_decoded = false;
  bool wait_for_lock = false;
  const std::atomic<bool>* stop = nullptr;
};

struct RebuiltFileReport {
  std::string file;  // relative to the lake
  std::string damage;
  int64_t rows = 0;
  std::string error;  // why it could not be landed again; empty: it is in its place
};

struct RebuildReport {
  std::vector<RebuiltFileReport> files;  // the damaged ones; in the order of batches
  bool all_rebuilt() const;
};

// Takes the lake's lock, and does not recover before: a recovery may need the very file. Reads, for each
// damaged file, its batch's ranges again with that batch's contract, keeps the rows of its table and
// directory that no whole file of the batch has, requires the number of rows and the sums of positions and
// keys that the ledger has, and replaces the file. Then recovers. What cannot be landed again (Kafka has not
// all the records any more, the topic was made anew) is reported and left as it is. Errors are
// kInvalidArgument for a file that the ledger does not know, and kIoError where broker or disk fail; cut off
// anywhere, the next landing or `lake rebuild` finishes what was decided.
Result<RebuildReport> RebuildFiles(const RebuildOptions& options);

}  // namespace forebay
