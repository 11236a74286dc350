// Steps 2b to 4 of the commit protocol: sync the staged files, decide the batch in the ledger, publish it.
// docs/formats.md describes the whole protocol.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "commit/recover.h"
#include "ledger/ledger.h"
#include "store/parquet_file.h"
#include "store/table_store.h"

namespace forebay {

using RecordOfLog = std::pair<TopicPartition, LandedRecord>;

// A batch whose files are written and finished. `staged` holds one open file for each of proposal.files, in
// the same order and with the same names.
struct StagedBatch {
  BatchProposal proposal;
  std::vector<std::unique_ptr<StagedFile>> staged;
  std::vector<RecordOfLog> to_confirm;  // the batch counts only if the logs still have these
};

// Describes a finished file for a proposal. Pure.
ProposedFile Propose(const ParquetFile::Finished& finished);

// A batch whose proposal is valid and whose files are durable. Made by Committer::Prepare.
class PreparedBatch {
 public:
  const BatchProposal& proposal() const { return batch_.proposal; }
  const std::vector<RecordOfLog>& to_confirm() const { return batch_.to_confirm; }

 private:
  friend class Committer;
  explicit PreparedBatch(StagedBatch batch) : batch_(std::move(batch)) {}

  StagedBatch batch_;
};

// Thread-compatible. The calling thread makes every system call of a commit.
//
// After any error but kConflict the Committer is broken, and every later call returns the same error. In
// particular, it never retries a failed fsync. The process must end; the next start recovers.
//
// To land a batch: Prepare it, read the topics' ids again and confirm its records, Commit it with the result.
class Committer {
 public:
  // `store` and `ledger` (of one lake) must outlive the Committer.
  Committer(TableStore& store, Ledger& ledger) : store_(store), ledger_(ledger) {}

  // Publishes decided batches and removes orphaned staged files (recover.h). REQUIRES: called once, before
  // anything is staged.
  Result<RecoveryReport> Recover();

  // Checks the proposal (kInvalidArgument) and makes the staged files durable.
  Result<PreparedBatch> Prepare(StagedBatch batch);

  // Decides and publishes the batch, and returns its id. On success the batch is durable. `topics` is the
  // outcome of reading the topics' ids after Prepare: an error discards the batch and is returned.
  //   kConflict             another process landed these records or removed the staged files: the staged
  //                         files are dropped; read the ledger's positions again
  //   kCommitStateUnknown   see ledger.h: nothing was deleted; end the process with status 3
  //   anything else         known not to be decided, or decided and not fully published: Recover finishes
  //                         it at the next start
  Result<BatchId> Commit(PreparedBatch batch, const Status& topics);

 private:
  template <typename T>
  Result<T> BreakUnlessConflict(Result<T> result);
  Result<PreparedBatch> CheckAndSync(StagedBatch batch);
  Result<BatchId> DecideAndPublish(StagedBatch& batch, const Status& topics);
  // Warns once of each table that has records without a usable Kafka timestamp.
  void WarnOfUntimed(const DecidedBatch& decided, const BatchProposal& proposal);
  // Removes staged files that will not be committed. REQUIRES: no ledger transaction has named them, or that
  // transaction is known to have been rolled back.
  Status Drop(const std::vector<std::unique_ptr<StagedFile>>& staged);

  TableStore& store_;
  Ledger& ledger_;
  std::optional<Error> broken_;
  std::set<std::string> warned_untimed_;  // tables
};

}  // namespace forebay
