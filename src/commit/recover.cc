#include "commit/recover.h"

#include <string>

#include "commit/maintenance.h"
#include "testhooks/failpoint.h"
#include "testhooks/safeguard.h"

namespace forebay {

std::vector<std::string> RecoveryReport::Summary() const {
  std::vector<std::string> sentences;
  for (const BatchId batch : published)
    sentences.push_back("batch " + std::to_string(batch.value()) + " is published now");
  if (rebuilt > 0)
    sentences.push_back(std::to_string(rebuilt) + " files that were landed again are in place now");
  if (expired > 0)
    sentences.push_back(std::to_string(expired) + " files that were being removed on purpose are gone now");
  if (orphans_removed > 0)
    sentences.push_back(std::to_string(orphans_removed) + " staged files that no batch names were removed");
  return sentences;
}

Result<RecoveryReport> Recover(Lake& lake, Ledger& ledger, Publisher& publisher) {
  RecoveryReport report;
  FOREBAY_ASSIGN(report.rebuilt, FinishRebuilds(lake, ledger));
  FOREBAY_ASSIGN(report.expired, FinishExpiry(lake, ledger));
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
