// Step 4 of the commit protocol: makes the files of a decided batch visible. Commits and recovery use it.
#pragma once

#include "base/result.h"
#include "ledger/ledger.h"
#include "store/directories.h"
#include "store/lake.h"

namespace forebay {

// Thread-compatible. `lake` and `ledger` must outlive it.
class Publisher {
 public:
  Publisher(Lake& lake, Ledger& ledger)
      : lake_(lake), ledger_(ledger), directories_(lake.fs(), lake.paths()) {}

  // Creates the directories of these files durably.
  Status MakeDirectories(const std::vector<FilePlace>& places) { return directories_.MakeDurable(places); }

  // Renames each file of a decided batch into its place without replacing an existing file, syncs the
  // directories and marks the batch published. Idempotent, and safe beside another publisher of the same
  // batch. If a file is not in staging, Publish checks its place and compares the checksum there with the
  // ledger's. A file that is in neither place, or in its place with different content, is an error that names
  // it.
  Status Publish(const DecidedBatch& batch);

 private:
  Status PublishFile(const LedgerFile& file);
  // Called after a rename whose source was missing or whose target existed. Returns true if the file needs no
  // further rename, and false if the caller must retry.
  Result<bool> ResolveRename(const LedgerFile& file);

  Lake& lake_;
  Ledger& ledger_;
  DirectoryMaker directories_;
};

}  // namespace forebay
