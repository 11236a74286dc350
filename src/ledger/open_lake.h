// Opens a lake together with its ledger, and refuses a lake and a ledger that do not match.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/result.h"
#include "ledger/ledger.h"
#include "store/lake.h"

namespace forebay {

// The lake holds the lock. The ledger is declared after the lake, so that it is closed before the lock is
// released.
struct OpenedLake {
  std::unique_ptr<Lake> lake;
  std::unique_ptr<Ledger> ledger;
  bool begun = false;  // a new lake
};

struct OpenLakeOptions {
  LakeOptions lake;
  LedgerOptions ledger;
  bool existing = false;  // refuse to begin a lake
};

// Lake options of a command that waits for the lake's lock, or not, and logs once that it waits.
LakeOptions WaitForLock(bool wait, const std::atomic<bool>* stop);

// For landing. Creates a new lake (ledger first, lake.json last), or completes a partly created one. Refuses
// (kCorruption) a ledger that is missing, empty, damaged, of another lake, or older than the files in the
// table directories: it does not know one of them. With `existing`, refuses (kFailedPrecondition) a directory
// that is no lake, and creates nothing. Does not recover: the caller runs Committer::Recover next.
Result<OpenedLake> OpenLake(Fs& fs, const std::string& dir, const OpenLakeOptions& options = {});
// For status and verify: no lock, nothing is created.
Result<OpenedLake> OpenLakeForReading(Fs& fs, const std::string& dir, const LedgerOptions& options = {});

// For `lake expire`: takes no lock, since it may run beside a lander; the ledger may be written.
Result<OpenedLake> OpenLakeBesideLanders(Fs& fs, const std::string& dir, const LedgerOptions& options = {});

// A random UUID (version 4) from the kernel.
std::string RandomUuid();

}  // namespace forebay
