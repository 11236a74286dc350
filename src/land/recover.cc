#include "land/recover.h"

#include <string>

#include "base/failpoint.h"
#include "base/safeguard.h"

namespace forebay {

Result<RecoveryReport> Recover(Lake& lake, Ledger& ledger, Publisher& publisher) {
  RecoveryReport report;
  FOREBAY_ASSIGN(const std::vector<DecidedBatch> unpublished, ledger.Unpublished());
  for (const DecidedBatch& batch : unpublished) {
    FOREBAY_FAILPOINT("recover:batch");
    std::vector<FilePlace> places;
    for (const LedgerFile& file : batch.files) places.push_back(file.place);
    if (FOREBAY_SAFEGUARD("recover:sync_directories")) FOREBAY_TRY(publisher.MakeDirectories(places));
    FOREBAY_TRY(publisher.Publish(batch));
    report.published.push_back(batch.id);
  }
  const auto unlink = [&](const std::string& name) -> Status {
    FOREBAY_TRY(lake.fs().Unlink(lake.paths().StagedFile(name)));
    return Ok();
  };
  FOREBAY_ASSIGN(report.orphans_removed, ledger.RemoveOrphans([&] { return lake.ListStaged(); }, unlink));
  FOREBAY_FAILPOINT("recover:done");
  return report;
}

}  // namespace forebay
