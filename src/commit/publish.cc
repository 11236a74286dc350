#include "commit/publish.h"

#include <string>
#include <vector>

#include "testhooks/failpoint.h"

namespace forebay {
namespace {

Status CheckOutcome(const TableStore& store, Ledger& ledger, const LedgerFile& file, PublishOutcome outcome) {
  if (outcome == PublishOutcome::kPublished) return Ok();
  const std::string batch = "batch " + std::to_string(file.batch.value());
  const std::string place = store.Describe(file.place);
  if (outcome == PublishOutcome::kConflict) {
    return IoError(place + " is not the file that " + batch +
                   " decided: its content differs from the ledger's; move it away and start again, or run "
                   "`forebay lake rebuild`");
  }
  FOREBAY_ASSIGN(const BatchState state, ledger.StateOf(file.batch));
  if (state == BatchState::kPublished) return Ok();  // published by another process, and expired since then
  return IoError("a file of " + batch + ", which was decided, is missing: it is neither at " +
                 store.DescribeStaged(file.file.staged_name) + " nor at " + place +
                 "; while Kafka still has its records, run `forebay lake rebuild`");
}

}  // namespace

StagedPlace StagedPlaceOf(const LedgerFile& file) {
  return {file.file.staged_name, file.place, {static_cast<uint64_t>(file.file.bytes), file.file.checksum}};
}

Status PublishBatch(TableStore& store, Ledger& ledger, const DecidedBatch& batch) {
  std::vector<StagedPlace> files;
  files.reserve(batch.files.size());
  for (const LedgerFile& file : batch.files) files.push_back(StagedPlaceOf(file));
  FOREBAY_ASSIGN(const std::vector<PublishOutcome> outcomes, store.Publish(files));
  for (size_t i = 0; i < outcomes.size(); ++i) {
    FOREBAY_TRY(CheckOutcome(store, ledger, batch.files[i], outcomes[i]));
  }
  FOREBAY_TRY(ledger.MarkPublished(batch.id));
  FOREBAY_FAILPOINT("publish:marked");
  return Ok();
}

}  // namespace forebay
