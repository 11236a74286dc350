// The commit protocol, steps 2b to 4: sync what was staged, decide it in the ledger, publish it.
// docs/formats.md has the protocol in full.
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

// A finished file as a proposal names it; its index in the batch is left at 0. Pure.
ProposedFile Propose(const std::string& table, const std::string& partition_dir,
                     const ParquetFile::Finished& finished);

// Thread-compatible. Every system call of a commit is made on the calling thread.
//
// After any error but kConflict the Committer is broken and gives that error again: a failed fsync in
// particular is never retried. The process ends, and the next start recovers.
class Committer {
 public:
  // `lake` and `ledger` (of one OpenLake) must outlive it.
  Committer(Lake& lake, Ledger& ledger) : lake_(lake), ledger_(ledger), publisher_(lake, ledger) {}

  // Brings decided batches to their end and removes orphaned staged files (recover.h). REQUIRES: called once,
  // before anything is staged.
  Result<RecoveryReport> Recover();

  // Lands one batch and returns its id: the batch is decided, published and durable. `recheck_topics` runs
  // after the files are synced and right before the ledger's transaction: it reads the topic ids again, and
  // its error discards the batch.
  //   kConflict        somebody else landed these records, or removed the staged files: the staged files are
  //   dropped;
  //                    read the ledger's positions again
  //   kCommitStateUnknown  see ledger.h: nothing was deleted; end the process with status 3
  //   anything else    known not to be decided, or decided and not fully published: the next start's Recover
  //   finishes
  Result<BatchId> Commit(StagedBatch batch, const std::function<Status()>& recheck_topics);

  // Unlinks staged files that will not be committed. REQUIRES: no ledger transaction has named them, or it is
  // known to have been rolled back.
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
