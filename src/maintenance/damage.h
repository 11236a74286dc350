// Which files of a lake are not what the ledger says.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/result.h"
#include "ledger/records.h"
#include "store/lake.h"

namespace forebay {

// A file of the ledger that is missing or has another content. `batch` and `file` point into the snapshot.
struct DamagedFile {
  const LedgerBatch* batch = nullptr;
  const LedgerFile* file = nullptr;
  std::string damage;  // "missing", "another content", "unreadable"
};

// Reads every present file of the ledger. One that was decided, or landed again, and waits in staging with
// the ledger's content is whole; so it is not when another content stands in its place. kCancelled when asked
// to stop.
Result<std::vector<DamagedFile>> FindDamage(const Lake& lake, const LedgerSnapshot& snapshot,
                                            const std::atomic<bool>* stop);

}  // namespace forebay
