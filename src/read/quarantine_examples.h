// A few refused records of each table and reason, for display.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ledger/records.h"
#include "store/table_store.h"

namespace forebay {

// A refused record, safe to display: previews contain printable UTF-8 only, all other bytes are escaped.
struct QuarantineExample {
  std::string table;
  std::string reason;
  std::string topic;
  PartitionId partition;
  Offset offset;
  std::optional<int64_t> timestamp_us;
  std::string field;
  std::string detail;
  std::optional<std::string> key_preview;
  std::string value_preview;
  uint64_t value_bytes = 0;
  BatchId batch;
};

inline constexpr size_t kExamplesKept = 3;  // of each table and reason

// The files with the newest refused records of one table and reason.
struct QuarantineSource {
  BatchId batch;
  std::vector<FilePlace> files;  // of that batch; may hold other records too
};
using QuarantineSources = std::map<std::pair<std::string, std::string>, QuarantineSource>;  // table, reason

// REQUIRES: the batch is published, and newer than all batches added before.
void AddSources(const LedgerBatch& batch, QuarantineSources* sources);

// Thread-compatible.
class QuarantineExamples {
 public:
  // `store` must outlive it.
  explicit QuarantineExamples(TableStore& store) : store_(store) {}

  // Reads the records of `sources` that are newer than the current examples. Inspects a bounded number of
  // records per batch.
  void Refresh(const QuarantineSources& sources, const std::vector<LedgerTopic>& topics);
  // By table and reason; each preview is at most a few hundred bytes.
  std::vector<QuarantineExample> All() const;
  // The last file that could not be read, and the reason; empty if there is none.
  const std::string& error() const { return error_; }

 private:
  struct Known {
    BatchId batch;
    std::vector<QuarantineExample> examples;
  };
  using Key = std::pair<std::string, std::string>;

  void Read(BatchId batch, const std::vector<FilePlace>& files, const std::vector<LedgerTopic>& topics,
            std::map<Key, Known>* wanted);

  TableStore& store_;
  std::map<Key, Known> known_;
  std::string error_;
};

}  // namespace forebay
