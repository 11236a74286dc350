// The ledger against itself, and the files that are there against the ledger. Pure functions over what was
// read.
#pragma once

#include <vector>

#include "ledger/records.h"
#include "store/paths.h"
#include "verify/finding.h"

namespace forebay {

// Batch numbers ascend without a hole, and what was landed or given up of each partition tiles
// [beginning, next): no gap, no overlap. Of a snapshot that begins behind an older batch, from the first
// range on that it knows.
void CheckLedger(const LedgerSnapshot& snapshot, FindingLog& log);

// What was done on purpose and is to be shown for ever: losses, adoptions, files that expired or were landed
// again.
void NoteOperatorActions(const LedgerSnapshot& snapshot, FindingLog& log);

// A file to be read, in the snapshot of the first look, which must outlive it.
struct FileToRead {
  const LedgerBatch* batch;
  const LedgerFile* file;
};

// `listed` was read from the disk between the two looks at the ledger. Foreign is a file that the second look
// knows neither as decided nor as published; missing is one that both looks call published and that is
// absent. Returns the published files that are there.
std::vector<FileToRead> CompareFiles(const LedgerSnapshot& before, const std::vector<FilePlace>& listed,
                                     const LedgerSnapshot& after, FindingLog& log);

// A finding about a file of a batch, with all that says where it is.
Finding FileFinding(FindingKind kind, const LedgerFile& file);

}  // namespace forebay
