// Steps 2b to 4 of the commit protocol: sync the staged files, decide the batch in the ledger, publish it.
// docs/formats.md describes the whole protocol.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "commit/publish.h"
#include "commit/recover.h"
#include "ledger/ledger.h"
#include "store/lake.h"
#include "store/parquet_file.h"

namespace forebay {

// A batch whose files are written and finished. `staged` holds one open file for each of proposal.files, in
// the same order and with the same names.
struct StagedBatch {
  BatchProposal proposal;
  std::vector<std::unique_ptr<StagedFile>> staged;
};

// Describes a finished file for a proposal. The caller sets its index in the batch; here it is 0. Pure.
ProposedFile Propose(const std::string& table, const std::string& partition_dir,
                     const ParquetFile::Finished& finished);

// Thread-compatible. The calling thread makes every system call of a commit.
//
// After any error but kConflict the Committer is broken, and every later call returns the same error. In
// particular, it never retries a failed fsync. The process must end; the next start recovers.
class Committer {
 public:
  // `lake` and `ledger` (of one OpenLake) must outlive the Committer.
  Committer(Lake& lake, Ledger& ledger) : lake_(lake), ledger_(ledger), publisher_(lake, ledger) {}

  // Publishes decided batches and removes orphaned staged files (recover.h). REQUIRES: called once, before
  // anything is staged.
  Result<RecoveryReport> Recover();

  // Lands one batch and returns its id. On success the batch is decided, published and durable.
  // `recheck_topics` runs after the files are synced and immediately before the ledger's transaction. It
  // reads the topic ids again; an error from it discards the batch.
  //   kConflict             another process landed these records or removed the staged files: the staged
  //                         files are dropped; read the ledger's positions again
  //   kCommitStateUnknown   see ledger.h: nothing was deleted; end the process with status 3
  //   anything else         known not to be decided, or decided and not fully published: Recover finishes
  //                         it at the next start
  Result<BatchId> Commit(StagedBatch batch, const std::function<Status()>& recheck_topics);

  // Unlinks staged files that will not be committed. REQUIRES: no ledger transaction has named them, or that
  // transaction is known to have been rolled back.
  Status Drop(const std::vector<std::unique_ptr<StagedFile>>& staged);

 private:
  Result<BatchId> CommitOnce(StagedBatch& batch, const std::function<Status()>& recheck_topics);
  Status MakeDurable(StagedBatch& batch);
  Result<DecidedBatch> Decide(StagedBatch& batch, const std::function<Status()>& recheck_topics);

  Lake& lake_;
  Ledger& ledger_;
  Publisher publisher_;
  std::optional<Error> broken_;
};

}  // namespace forebay
