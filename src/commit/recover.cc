#include "commit/recover.h"

#include <string>

#include "commit/maintenance.h"
#include "commit/publish.h"
#include "testhooks/failpoint.h"

namespace forebay {

std::vector<std::string> RecoveryReport::Summary() const {
  std::vector<std::string> sentences;
  for (const BatchId batch : published)
    sentences.push_back("published batch " + std::to_string(batch.value()));
  if (rebuilt > 0) sentences.push_back("put " + std::to_string(rebuilt) + " rebuilt files in place");
  if (expired > 0) sentences.push_back("removed " + std::to_string(expired) + " expired files");
  if (orphans_removed > 0)
    sentences.push_back("removed " + std::to_string(orphans_removed) + " orphaned staged files");
  return sentences;
}

Result<RecoveryReport> Recover(TableStore& store, Ledger& ledger) {
  RecoveryReport report;
  FOREBAY_ASSIGN(report.rebuilt, FinishRebuilds(store, ledger));
  FOREBAY_ASSIGN(report.expired, FinishExpiry(store, ledger));
  FOREBAY_ASSIGN(const std::vector<DecidedBatch> unpublished, ledger.Unpublished());
  for (const DecidedBatch& batch : unpublished) {
    FOREBAY_FAILPOINT("recover:batch");
    FOREBAY_TRY(PublishBatch(store, ledger, batch));
    report.published.push_back(batch.id);
  }
  FOREBAY_ASSIGN(report.orphans_removed,
                 ledger.RemoveOrphans([&] { return store.ListStaged(); },
                                      [&](const std::string& name) { return store.Abort(name); }));
  FOREBAY_FAILPOINT("recover:done");
  return report;
}

}  // namespace forebay
