// Step 4 of the commit protocol: what the ledger decided becomes visible. Used by commits and by recovery.
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

  // Makes the directories of these files, durably.
  Status MakeDirectories(const std::vector<FilePlace>& places) { return directories_.MakeDurable(places); }

  // Renames each file of a decided batch into its place, never replacing one, syncs the directories and marks
  // the batch published. Idempotent, and safe beside another publisher of the same batch: a file that is not
  // in staging any more is looked for in its place, where the ledger's checksum decides. A file that is in
  // neither place, or in its place with another content, is an error that names it.
  Status Publish(const DecidedBatch& batch);

 private:
  Status PublishFile(const LedgerFile& file);
  // After a rename that found no source, or a target. True: the file is in its place; false: try the rename
  // again.
  Result<bool> ResolveRename(const LedgerFile& file);

  Lake& lake_;
  Ledger& ledger_;
  DirectoryMaker directories_;
};

}  // namespace forebay
