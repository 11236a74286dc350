// Finds files of a lake that differ from the ledger.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/result.h"
#include "ledger/records.h"
#include "store/table_store.h"

namespace forebay {

// A file of the ledger that is missing or has different content. `batch` and `file` point into the snapshot.
struct DamagedFile {
  const LedgerBatch* batch = nullptr;
  const LedgerFile* file = nullptr;
  std::string damage;  // "missing", "another content", "unreadable"
};

// Reads every present file of the ledger and returns the damaged ones. A decided or rebuilt file that still
// waits in staging with the ledger's content is whole. However, a decided file is damaged if different
// content stands in its place. Returns kCancelled once `stop` is set.
Result<std::vector<DamagedFile>> FindDamage(TableStore& store, const LedgerSnapshot& snapshot,
                                            const std::atomic<bool>* stop);

}  // namespace forebay
