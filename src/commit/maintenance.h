// Completes the file changes that `lake expire` and `lake rebuild` decided in the ledger. Both commands and
// every recovery call these functions.
//
// Both functions are idempotent and may be interrupted anywhere. They return errors of the store and of the
// ledger. The ledger marks a change only after the change is durable.
#pragma once

#include "base/result.h"
#include "ledger/ledger.h"
#include "store/table_store.h"

namespace forebay {

// Removes the files that the ledger marks as expiring, and marks them expired. Does not need the lock:
// several processes may run it at once, also beside a lander. Returns the number of files marked.
Result<int> FinishExpiry(TableStore& store, Ledger& ledger);

// Moves rebuilt files into their places, replacing the files there, and records it in the ledger. A file must
// be in staging, or in its place with the content in the ledger; otherwise the error names it. REQUIRES: the
// lake's lock. Returns the number of files moved into place or found there.
Result<int> FinishRebuilds(TableStore& store, Ledger& ledger);

}  // namespace forebay
