// Follows a lake's ledger: the cost of each poll depends only on the changes since the last one.
#pragma once

#include <deque>
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

// Thread-compatible. Transactions on the ledger are short (a thousand batches each). None is open while the
// reader reads files or queries brokers.
class LakeReader {
 public:
  // Acquires no lock and creates nothing. Returns kFailedPrecondition if `lake` is not a lake, and
  // kCorruption if its ledger is damaged.
  static Result<std::unique_ptr<LakeReader>> Open(const std::string& lake, const LedgerOptions& options = {});

  // Reads new data from the ledger. Only a full reload notices files that an operator removed after an
  // earlier Refresh. Reloads happen once a minute, or less often if a reload takes long.
  Status Refresh();
  // Reads examples of rejected records from the newest batches, if there are newer ones. Reports read errors
  // in LakeStatus::examples_error.
  void RefreshExamples();

  // As of the last Refresh.
  BrokerQuery broker_query() { return {now_.topics, now_.partitions, sums_.FreshnessByTopic(now_)}; }
  Result<LakeStatus> Describe(const std::optional<TopicsAtBrokers>& brokers,
                              const CompletenessOptions& options);

 private:
  explicit LakeReader(OpenedLake opened);

  Status Load();
  void AddBatch(const LedgerBatch& batch);

  OpenedLake opened_;
  LakeSums sums_;
  LedgerSnapshot now_;                // with only those batches that are not in `sums_`
  BatchId summed_;                    // the newest batch in `sums_`
  std::deque<CommitStatus> commits_;  // ascending
  QuarantineSources sources_;
  QuarantineExamples examples_;
  double reload_at_s_ = 0;
};

}  // namespace forebay
