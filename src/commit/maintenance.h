// Completes the file changes that `lake expire` and `lake rebuild` decided in the ledger. Both commands and
// every recovery call these functions.
//
// Both functions are idempotent and may be interrupted anywhere. They return errors of the filesystem and of
// the ledger. The ledger marks a change only after the change is durable on disk.
#pragma once

#include "base/result.h"
#include "ledger/ledger.h"
#include "store/lake.h"

namespace forebay {

// Removes the files that the ledger marks as expiring, syncs their directories, and marks them expired. Does
// not need the lock: several processes may run it at once, also beside a lander. Directories are kept.
// Returns the number of files marked.
Result<int> FinishExpiry(Lake& lake, Ledger& ledger);

// Moves rebuilt files into their places, replacing whatever is there, syncs the directories and records it in
// the ledger. A file must be in staging, or in its place with the content in the ledger; otherwise the error
// names it. REQUIRES: the lake's lock. Returns the number of files moved into place or found there.
Result<int> FinishRebuilds(Lake& lake, Ledger& ledger);

}  // namespace forebay
