// Follows a lake's ledger: each look costs what is new since the last one.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ledger/open_lake.h"
#include "read/quarantine_examples.h"
#include "status/lake_status.h"
#include "status/lake_sums.h"

namespace forebay {

// Thread-compatible. Transactions on the ledger are short (a thousand batches each), and none is open while
// files are read or brokers asked.
class LakeReader {
 public:
  // No lock is taken and nothing is created. kInvalidArgument for what is no lake, or one with a damaged
  // ledger.
  static Result<std::unique_ptr<LakeReader>> Open(const std::string& lake, const LedgerOptions& options = {});

  // Takes in what the ledger has that is new. Files that were removed on purpose since an earlier Refresh are
  // noticed by the next reload only: once a minute, less often where reading everything takes long.
  Status Refresh();
  // Reads examples of refused records from the newest batches, where there are newer ones. What cannot be
  // read is said in LakeStatus::examples_error.
  void RefreshExamples();

  // As of the last Refresh.
  const std::vector<LedgerTopic>& topics() const { return now_.topics; }
  Result<LakeStatus> Describe(const std::optional<TopicsAtBrokers>& brokers,
                              const CompletenessOptions& options);

 private:
  explicit LakeReader(OpenedLake opened);

  Status Load();
  void Take(const LedgerBatch& batch);

  OpenedLake opened_;
  LakeSums sums_;
  LedgerSnapshot now_;                // of batches those that are not in `sums_`
  BatchId summed_;                    // the newest batch in `sums_`
  std::deque<CommitStatus> commits_;  // ascending
  QuarantineSources sources_;
  QuarantineExamples examples_;
  double reload_at_s_ = 0;
};

}  // namespace forebay
