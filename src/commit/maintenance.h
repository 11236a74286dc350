// Ends what `lake expire` and `lake rebuild` have decided in the ledger: used by them, and by every recovery.
//
// Both are idempotent, and may be cut off anywhere. Errors are those of the filesystem and the ledger;
// nothing is marked in the ledger before the disk has it.
#pragma once

#include "base/result.h"
#include "ledger/ledger.h"
#include "store/lake.h"

namespace forebay {

// Removes the files that the ledger calls expiring, syncs their directories, and marks them expired. Needs no
// lock: several may do it at once, beside a lander too. Directories stay. How many files it marked.
Result<int> FinishExpiry(Lake& lake, Ledger& ledger);

// Puts the files that were landed again into their places, over whatever is there, syncs the directories and
// records it. A file that is neither in staging nor, with the ledger's content, in its place is an error that
// names it. REQUIRES: the lake's lock. How many files it put in place or found there.
Result<int> FinishRebuilds(Lake& lake, Ledger& ledger);

}  // namespace forebay
