// What a start does before it lands anything: brings decided batches to their end and clears the staging
// area.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "commit/publish.h"
#include "ledger/ledger.h"
#include "store/lake.h"

namespace forebay {

struct RecoveryReport {
  std::vector<BatchId> published;  // batches that were decided and are published now
  int orphans_removed = 0;
  int rebuilt = 0;  // files that were landed again and are in their places now
  int expired = 0;  // files that were being removed on purpose and are gone now

  // What was done, for the log, one sentence each; empty when there was nothing to do.
  std::vector<std::string> Summary() const;
};

// First ends what `lake rebuild` and `lake expire` began (deeds.h), then publishes decided batches.
// Idempotent, and may itself be cut off anywhere. Syncs directories and their parents also where a file is in
// its place already: whoever renamed it may have been cut off before that. Then removes the staged files that
// no unpublished batch names, inside one write transaction of the ledger, so that no Decide names one
// meanwhile. Errors: as Publisher::Publish, and those of the ledger.
Result<RecoveryReport> Recover(Lake& lake, Ledger& ledger, Publisher& publisher);

}  // namespace forebay
