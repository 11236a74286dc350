#include "commit/commit.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

#include "commit/publish.h"
#include "ledger/rules.h"
#include "testhooks/failpoint.h"
#include "testhooks/safeguard.h"

namespace forebay {

ProposedFile Propose(const ParquetFile::Finished& finished) {
  const RowTotals& totals = finished.totals;
  const FilePlace& place = finished.file->place();
  return {.table = place.table,
          .partition_dir = place.partition_dir,
          .file_name = place.file_name,
          .staged_name = finished.file->name(),
          .rows = totals.rows,
          .bytes = static_cast<int64_t>(finished.content.bytes),
          .checksum = finished.content.checksum,
          .position_sum = totals.position_sum,
          .key_sum = totals.key_sum,
          .min_event_time_us = totals.min_event_time_us,
          .max_event_time_us = totals.max_event_time_us};
}

template <typename T>
Result<T> Committer::BreakUnlessConflict(Result<T> result) {
  if (!result.ok() && result.error().code() != ErrorCode::kConflict &&
      FOREBAY_SAFEGUARD("commit:stays_broken"))
    broken_ = result.error();
  return result;
}

Result<RecoveryReport> Committer::Recover() {
  if (broken_) return *broken_;
  Result<RecoveryReport> report = forebay::Recover(store_, ledger_);
  if (!report.ok()) broken_ = report.error();
  return report;
}

Result<PreparedBatch> Committer::Prepare(StagedBatch batch) {
  if (broken_) return *broken_;
  return BreakUnlessConflict(CheckAndSync(std::move(batch)));
}

Result<PreparedBatch> Committer::CheckAndSync(StagedBatch batch) {
  FOREBAY_GUARDED("commit:check_proposal",
                  FOREBAY_TRY(CheckProposal(batch.proposal)));  // before its names become directories
  FOREBAY_ASSERT(batch.staged.size() == batch.proposal.files.size());
  for (size_t i = 0; i < batch.staged.size(); ++i) {
    const ProposedFile& file = batch.proposal.files[i];
    FOREBAY_ASSERT(batch.staged[i]->name() == file.staged_name);
    FOREBAY_ASSERT(batch.staged[i]->place() == (FilePlace{file.table, file.partition_dir, file.file_name}));
  }
  FOREBAY_FAILPOINT("commit:begin");
  FOREBAY_TRY(MakeDurable(store_, batch.staged));
  FOREBAY_FAILPOINT("commit:durable");
  return PreparedBatch(std::move(batch));
}

Result<BatchId> Committer::Commit(PreparedBatch batch, const Status& topics) {
  if (broken_) return *broken_;
  return BreakUnlessConflict(DecideAndPublish(batch.batch_, topics));
}

Result<BatchId> Committer::DecideAndPublish(StagedBatch& batch, const Status& topics) {
  if (!topics.ok() && FOREBAY_SAFEGUARD("commit:recheck_topics")) {
    FOREBAY_TRY(Drop(batch.staged));
    return topics.error();
  }
  FOREBAY_FAILPOINT("commit:topics_checked");
  const Result<DecidedBatch> decided =
      ledger_.Decide(batch.proposal, [&] { return CheckStagedFilesExist(batch.staged); });
  if (!decided.ok()) {
    if (decided.error().code() == ErrorCode::kConflict) FOREBAY_TRY(Drop(batch.staged));
    return decided.error();
  }
  FOREBAY_FAILPOINT("commit:decided");
  WarnOfUntimed(*decided, batch.proposal);
  batch.staged.clear();  // the descriptors are no longer needed
  FOREBAY_TRY(PublishBatch(store_, ledger_, *decided));
  return decided->id;
}

void Committer::WarnOfUntimed(const DecidedBatch& decided, const BatchProposal& proposal) {
  for (const UntimedCount& count : proposal.untimed) {
    if (!warned_untimed_.insert(count.table).second) continue;
    spdlog::warn(
        "table '{}': {} records of batch {} have no usable Kafka timestamp: it is absent, before the year "
        "2000 or after 2099, and they were landed as if they had none. Producers set timestamps in "
        "milliseconds; Kafka expires records by them, unless the topic has "
        "message.timestamp.type=LogAppendTime",
        count.table, count.records, decided.id.value());
  }
}

Status Committer::Drop(const std::vector<std::unique_ptr<StagedFile>>& staged) {
  for (const std::unique_ptr<StagedFile>& file : staged) {
    FOREBAY_FAILPOINT("drop:before_unlink");
    FOREBAY_TRY(store_.Abort(file->name()));
  }
  return Ok();
}

}  // namespace forebay
