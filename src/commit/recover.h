// Recovery at start, before anything is landed: publishes decided batches and clears the staging area.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "ledger/ledger.h"
#include "store/table_store.h"

namespace forebay {

struct RecoveryReport {
  std::vector<BatchId> published;  // decided batches that this recovery published
  int orphans_removed = 0;
  int rebuilt = 0;  // rebuilt files that are in their places now
  int expired = 0;  // files whose expiry this recovery completed

  // Recovery actions for the log, one sentence each; empty when recovery had nothing to do.
  std::vector<std::string> Summary() const;
};

// First completes the changes of `lake rebuild` and `lake expire` (maintenance.h), then publishes decided
// batches. Idempotent, and may itself be interrupted anywhere. Then removes the staged files that no
// unpublished batch names. It does so inside one write transaction of the ledger, so that no concurrent
// Decide can name one of them. Errors: those of PublishBatch and of the ledger.
Result<RecoveryReport> Recover(TableStore& store, Ledger& ledger);

}  // namespace forebay
