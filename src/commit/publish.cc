#include "commit/publish.h"

#include <optional>
#include <set>
#include <string>

#include "testhooks/failpoint.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

std::string BatchText(BatchId batch) {
  return "batch " + std::to_string(batch.value());
}

}  // namespace

Result<bool> Publisher::ResolveRename(const LedgerFile& file) {
  const std::string staged = lake_.paths().StagedFile(file.file.staged_name);
  const std::string target = lake_.paths().File(file.place);
  // Check staging first: a file moves from staging to its place. Checked in this order, a file missing from
  // both is really missing, and not in transit.
  FOREBAY_ASSIGN(const std::optional<FileInfo> in_staging, lake_.fs().Stat(staged));
  FOREBAY_ASSIGN(const std::optional<ContentSummary> in_place, SummarizeFile(lake_.fs(), target));
  const ContentSummary wanted = {static_cast<uint64_t>(file.file.bytes), file.file.checksum};
  if (in_place && *in_place != wanted && FOREBAY_SAFEGUARD("publish:checksum")) {
    return IoError(target + " is in the way of " + BatchText(file.batch) +
                   ": its content is not what the ledger decided; move it away and start again, or run "
                   "`forebay lake rebuild`");
  }
  if (in_place) {
    if (in_staging && FOREBAY_SAFEGUARD("publish:unlink_second_copy")) FOREBAY_TRY(lake_.fs().Unlink(staged));
    return true;
  }
  if (in_staging) {
    // The target directory was removed after it was created.
    FOREBAY_TRY(directories_.MakeDurable({file.place}));
    return false;
  }
  FOREBAY_ASSIGN(const BatchState state, ledger_.StateOf(file.batch));
  if (state == BatchState::kPublished) return true;  // published by another process, and expired since then
  return IoError(BatchText(file.batch) + " was decided, and its file is gone: it is neither at " + staged +
                 " nor at " + target +
                 "; while Kafka still has its records, `forebay lake rebuild` lands them again");
}

Status Publisher::PublishFile(const LedgerFile& file) {
  const std::string staged = lake_.paths().StagedFile(file.file.staged_name);
  const std::string target = lake_.paths().File(file.place);
  constexpr int kAttempts = 3;  // a directory that keeps vanishing is being removed by another process
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    FOREBAY_FAILPOINT("publish:before_rename");
    FOREBAY_ASSIGN(const RenameOutcome outcome, lake_.fs().RenameNoReplace(staged, target));
    FOREBAY_FAILPOINT("publish:after_rename");
    if (outcome == RenameOutcome::kDone) return Ok();
    if (outcome == RenameOutcome::kUnsupported) {
      return IoError("cannot rename " + staged + " to " + target +
                     ": the filesystem has no rename without replacement any more");
    }
    FOREBAY_ASSIGN(const bool in_place, ResolveRename(file));
    if (in_place) return Ok();
  }
  return IoError("cannot rename " + staged + " to " + target + ": its directory vanishes again and again");
}

Status Publisher::Publish(const DecidedBatch& batch) {
  std::set<std::string> directories;
  for (const LedgerFile& file : batch.files) {
    FOREBAY_TRY(PublishFile(file));
    directories.insert(lake_.paths().PartitionDir(file.place.table, file.place.partition_dir));
  }
  FOREBAY_FAILPOINT("publish:renamed");
  for (const std::string& directory : directories) {
    if (FOREBAY_SAFEGUARD("publish:sync_directories")) FOREBAY_TRY(lake_.fs().SyncDirectory(directory));
  }
  FOREBAY_FAILPOINT("publish:synced");
  FOREBAY_TRY(ledger_.MarkPublished(batch.id));
  FOREBAY_FAILPOINT("publish:marked");
  return Ok();
}

}  // namespace forebay
