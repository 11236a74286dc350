#include "commit/commit.h"

#include <string>
#include <utility>

#include "ledger/rules.h"
#include "testhooks/failpoint.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

// Checks that every staged file still has its name. The recovery of another process may have removed it as an
// orphan.
Status CheckStagedFiles(const std::vector<std::unique_ptr<StagedFile>>& staged) {
  for (const std::unique_ptr<StagedFile>& file : staged) {
    FOREBAY_ASSIGN(const uint64_t links, file->LinkCount());
    if (links == 0 && FOREBAY_SAFEGUARD("commit:staged_files_exist")) {
      return Error(ErrorCode::kConflict, "somebody else removed the staged file " + file->name());
    }
  }
  return Ok();
}

}  // namespace

ProposedFile Propose(const std::string& table, const std::string& partition_dir,
                     const ParquetFile::Finished& finished) {
  const RowTotals& totals = finished.totals;
  return {.table = table,
          .partition_dir = partition_dir,
          .index = 0,
          .staged_name = finished.staged_name,
          .rows = totals.rows,
          .bytes = static_cast<int64_t>(finished.content.bytes),
          .checksum = finished.content.checksum,
          .position_sum = totals.position_sum,
          .key_sum = totals.key_sum,
          .min_event_time_us = totals.min_event_time_us,
          .max_event_time_us = totals.max_event_time_us};
}

Result<RecoveryReport> Committer::Recover() {
  if (broken_) return *broken_;
  Result<RecoveryReport> report = forebay::Recover(lake_, ledger_, publisher_);
  if (!report.ok()) broken_ = report.error();
  return report;
}

Result<BatchId> Committer::Commit(StagedBatch batch, const std::function<Status()>& recheck_topics) {
  if (broken_) return *broken_;
  Result<BatchId> committed = CommitOnce(batch, recheck_topics);
  if (!committed.ok() && committed.error().code() != ErrorCode::kConflict &&
      FOREBAY_SAFEGUARD("commit:stays_broken"))
    broken_ = committed.error();
  return committed;
}

Result<BatchId> Committer::CommitOnce(StagedBatch& batch, const std::function<Status()>& recheck_topics) {
  FOREBAY_ASSERT(batch.staged.size() == batch.proposal.files.size());
  for (size_t i = 0; i < batch.staged.size(); ++i) {
    FOREBAY_ASSERT(batch.staged[i]->name() == batch.proposal.files[i].staged_name);
  }
  if (FOREBAY_SAFEGUARD("commit:check_proposal"))
    FOREBAY_TRY(CheckProposal(batch.proposal));  // before its names become directories
  FOREBAY_TRY(MakeDurable(batch));
  FOREBAY_ASSIGN(const DecidedBatch decided, Decide(batch, recheck_topics));
  FOREBAY_FAILPOINT("commit:decided");
  batch.staged.clear();  // the descriptors are no longer needed
  FOREBAY_TRY(publisher_.Publish(decided));
  return decided.id;
}

Status Committer::MakeDurable(StagedBatch& batch) {
  FOREBAY_FAILPOINT("commit:begin");
  for (const std::unique_ptr<StagedFile>& file : batch.staged) {
    if (FOREBAY_SAFEGUARD("commit:sync_files")) FOREBAY_TRY(file->Sync());
  }
  FOREBAY_FAILPOINT("commit:files_synced");
  if (!batch.staged.empty() && FOREBAY_SAFEGUARD("commit:sync_staging"))
    FOREBAY_TRY(lake_.fs().SyncDirectory(lake_.paths().StagingDir()));
  FOREBAY_FAILPOINT("commit:staging_synced");
  std::vector<FilePlace> places;
  for (const ProposedFile& file : batch.proposal.files)
    places.push_back({file.table, file.partition_dir, ""});
  FOREBAY_TRY(publisher_.MakeDirectories(places));
  FOREBAY_FAILPOINT("commit:durable");
  return Ok();
}

Result<DecidedBatch> Committer::Decide(StagedBatch& batch, const std::function<Status()>& recheck_topics) {
  const Status topics = FOREBAY_SAFEGUARD("commit:recheck_topics") ? recheck_topics() : Ok();
  if (!topics.ok()) {
    FOREBAY_TRY(Drop(batch.staged));
    return topics.error();
  }
  FOREBAY_FAILPOINT("commit:topics_checked");
  Result<DecidedBatch> decided =
      ledger_.Decide(batch.proposal, [&] { return CheckStagedFiles(batch.staged); });
  if (!decided.ok() && decided.error().code() == ErrorCode::kConflict) FOREBAY_TRY(Drop(batch.staged));
  return decided;
}

Status Committer::Drop(const std::vector<std::unique_ptr<StagedFile>>& staged) {
  for (const std::unique_ptr<StagedFile>& file : staged) {
    FOREBAY_FAILPOINT("drop:before_unlink");
    FOREBAY_TRY(lake_.fs().Unlink(lake_.paths().StagedFile(file->name())));
  }
  return Ok();
}

}  // namespace forebay
