// A few refused records of each table and reason, for people to look at.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "audit/lake_status.h"
#include "ledger/records.h"

namespace forebay {

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
  const std::string& trouble() const { return trouble_; }

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
  std::string trouble_;
};

}  // namespace forebay
