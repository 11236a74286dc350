// A few refused records of each table and reason, for people to look at.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ledger/records.h"
#include "store/paths.h"

namespace forebay {

// A refused record, safe to show: previews hold printable UTF-8 only, everything else stands escaped.
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

// Where the newest refused records of one table and reason are.
struct QuarantineSource {
  BatchId batch;
  std::vector<FilePlace> files;  // of that batch, which may hold other records as well
};
using QuarantineSources = std::map<std::pair<std::string, std::string>, QuarantineSource>;  // table, reason

// REQUIRES: the batch is published, and newer than those that were added.
void AddSources(const LedgerBatch& batch, QuarantineSources* sources);

// Thread-compatible.
class QuarantineExamples {
 public:
  explicit QuarantineExamples(LakePaths paths) : paths_(std::move(paths)) {}

  // Reads where `sources` are newer than what is known; looks at a bounded number of records, the rest comes
  // with the next call.
  void Refresh(const QuarantineSources& sources, const std::vector<LedgerTopic>& topics);
  // By table and reason; the previews are at most some hundred bytes each.
  std::vector<QuarantineExample> All() const;
  // The last file that could not be read, and why; empty when all could.
  const std::string& error() const { return error_; }

 private:
  struct Known {
    BatchId batch;
    std::vector<QuarantineExample> examples;
  };
  using Key = std::pair<std::string, std::string>;

  void Read(BatchId batch, const std::vector<FilePlace>& files, const std::vector<LedgerTopic>& topics,
            std::map<Key, Known>* wanted);

  LakePaths paths_;
  std::map<Key, Known> known_;
  std::string error_;
};

}  // namespace forebay
