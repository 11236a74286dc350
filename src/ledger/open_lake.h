// Opens a lake together with its ledger, and refuses pairs that do not belong together.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "ledger/ledger.h"
#include "store/lake.h"

namespace forebay {

// The lock belongs to the lake: the ledger is declared behind it, so that it is closed before the lock is
// released.
struct OpenedLake {
  std::unique_ptr<Lake> lake;
  std::unique_ptr<Ledger> ledger;
};

struct OpenLakeOptions {
  LakeOptions lake;
  LedgerOptions ledger;
};

// For landing. Begins a new lake (ledger first, lake.json last), or goes on with a half-begun one. Refuses
// (kInvalidArgument) a ledger that is missing, empty, damaged, another lake's, or older than the files in the
// table directories. Does not recover: Committer::Recover comes next.
Result<OpenedLake> OpenLake(Fs& fs, const std::string& dir, const OpenLakeOptions& options = {});
// For status and verify: no lock, nothing is created.
Result<OpenedLake> OpenLakeForReading(Fs& fs, const std::string& dir, const LedgerOptions& options = {});

// For `lake expire`: no lock, since it may work beside a lander; the ledger may be written.
Result<OpenedLake> OpenLakeBesideLanders(Fs& fs, const std::string& dir, const LedgerOptions& options = {});

// A random UUID (version 4) from the kernel.
std::string RandomUuid();

}  // namespace forebay
