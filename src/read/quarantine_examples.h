// A few rejected records of each table and reason, for display.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ledger/records.h"
#include "store/table_store.h"

namespace forebay {

// A rejected record, safe to display: previews contain printable UTF-8 only, all other bytes are escaped.
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

// The files with the newest rejected records of one table and reason.
struct QuarantineSource {
  BatchId batch;
  int64_t records = 0;           // of this table and reason in the batch
  std::vector<FilePlace> files;  // of that batch; may hold other records too
};
using QuarantineSources = std::map<std::pair<std::string, std::string>, QuarantineSource>;  // table, reason

// REQUIRES: the batch is published, and newer than all batches added before.
void AddSources(const LedgerBatch& batch, QuarantineSources* sources);

// Thread-compatible.
class QuarantineExamples {
 public:
  // `store` must outlive it.
  explicit QuarantineExamples(TableStore& store, int64_t max_records_read = 200'000)
      : store_(store), max_records_read_(max_records_read) {}

  // Reads the records of `sources` that are newer than the current examples. Reads a bounded number of
  // records of each batch; the next Refresh continues after them. Older examples stay until a newer one is
  // found.
  void Refresh(const QuarantineSources& sources, const std::vector<LedgerTopic>& topics);
  // By table and reason; each preview is at most a few hundred bytes.
  std::vector<QuarantineExample> All() const;
  // The last file that could not be read, and the reason; empty if there is none.
  const std::string& error() const { return error_; }

 private:
  using Key = std::pair<std::string, std::string>;  // table, reason
  struct Known {
    BatchId batch;       // the newest one with such records
    size_t missing = 0;  // examples of that batch that are still to be found
    std::vector<QuarantineExample> examples;
  };
  // A position in a batch's quarantine files, up to which they were searched.
  struct Cursor {
    FilePlace file;
    int64_t record = 0;
  };

  // Searches a batch, from its cursor on, for `missing` examples.
  void Search(BatchId batch, const std::vector<FilePlace>& files, size_t missing,
              const std::vector<LedgerTopic>& topics);

  TableStore& store_;
  int64_t max_records_read_;
  std::map<Key, Known> known_;
  std::map<BatchId, Cursor> unfinished_;  // batches with records that were not read yet
  std::string error_;
};

}  // namespace forebay
