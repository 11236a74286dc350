// Checks of the ledger alone, and of the files on disk against the ledger.
#pragma once

#include <vector>

#include "base/result.h"
#include "ledger/ledger.h"
#include "store/paths.h"
#include "verify/finding.h"

namespace forebay {

// Checks that batch numbers ascend without a gap, and that the landed and lost ranges of each partition tile
// [beginning, next): no gap, no overlap. If the snapshot omits older batches, the check starts at the
// first range in the snapshot.
void CheckLedger(const LedgerSnapshot& snapshot, FindingLog& log);

// Notes the operator actions that stay visible permanently: losses, adoptions, expired files and rebuilt
// files.
void NoteOperatorActions(const LedgerSnapshot& snapshot, FindingLog& log);

// A file to read. It points into the first snapshot, which must outlive it.
struct FileToRead {
  const LedgerBatch* batch;
  const LedgerFile* file;
};

// Removes the files of batches that are not newer than `after.since` from `listed`. Asks the ledger about
// names that do not carry their batch.
Result<std::vector<FilePlace>> WithoutOlderBatches(std::vector<FilePlace> listed, const LedgerSnapshot& after,
                                                   Ledger& ledger);

// REQUIRES: `listed` was read from the disk after the `before` snapshot of the ledger and before the `after`
// snapshot. A file is foreign if `after` knows it neither as decided nor as published. A file is missing if
// both snapshots call it published and it is absent. Returns the published files that exist.
std::vector<FileToRead> CompareFiles(const LedgerSnapshot& before, const std::vector<FilePlace>& listed,
                                     const LedgerSnapshot& after, FindingLog& log);

// A finding about a file of a batch, with its full location.
Finding FileFinding(FindingKind kind, const LedgerFile& file);

}  // namespace forebay
