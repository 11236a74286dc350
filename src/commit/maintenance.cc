#include "commit/maintenance.h"

#include <string>
#include <vector>

#include "commit/publish.h"
#include "testhooks/failpoint.h"

namespace forebay {

Result<int> FinishExpiry(TableStore& store, Ledger& ledger) {
  FOREBAY_ASSIGN(const std::vector<LedgerFile> files, ledger.Expiring());
  if (files.empty()) return 0;
  std::vector<FilePlace> places;
  for (const LedgerFile& file : files) places.push_back(file.place);
  FOREBAY_TRY(store.Remove(places));
  FOREBAY_TRY(ledger.MarkExpired(files));
  FOREBAY_FAILPOINT("expire:marked");
  return static_cast<int>(files.size());
}

Result<int> FinishRebuilds(TableStore& store, Ledger& ledger) {
  FOREBAY_ASSIGN(const std::vector<LedgerFile> files, ledger.UnfinishedRebuilds());
  if (files.empty()) return 0;
  std::vector<StagedPlace> staged;
  for (const LedgerFile& file : files) staged.push_back(StagedPlaceOf(file));
  FOREBAY_ASSIGN(const std::vector<PublishOutcome> outcomes, store.Replace(staged));
  for (size_t i = 0; i < files.size(); ++i) {
    if (outcomes[i] == PublishOutcome::kPublished) continue;
    const std::string place = store.Describe(files[i].place);
    return IoError("the rebuilt file for " + place + " is missing from staging (" +
                   store.DescribeStaged(files[i].file.staged_name) + "); run `forebay lake rebuild --file " +
                   place + "`");
  }
  FOREBAY_TRY(ledger.MarkRebuilt(files));
  FOREBAY_FAILPOINT("rebuild:marked");
  return static_cast<int>(files.size());
}

}  // namespace forebay
