// Step 4 of the commit protocol: makes the files of a decided batch visible. Commits and recovery use it.
#pragma once

#include "base/result.h"
#include "ledger/ledger.h"
#include "store/table_store.h"

namespace forebay {

// The staged file of a decided batch or rebuild.
StagedPlace StagedPlaceOf(const LedgerFile& file);

// Publishes the files of a decided batch and marks it published. Idempotent, and safe beside other processes
// that publish the same batch. kIoError for a file that is neither staged nor in its place, and for a place
// with other content.
Status PublishBatch(TableStore& store, Ledger& ledger, const DecidedBatch& batch);

}  // namespace forebay
