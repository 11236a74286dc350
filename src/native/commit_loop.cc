#include "native/commit_loop.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/time.h"
#include "commit/landed_logs.h"

namespace forebay {

void Mailbox::PostAdded(std::vector<kafka::Position> added) {
  const std::lock_guard lock(mutex_);
  added_.insert(added_.end(), added.begin(), added.end());
}

void Mailbox::PostCommitted(const std::vector<kafka::Position>& committed) {
  const std::lock_guard lock(mutex_);
  committed_.insert(committed_.end(), committed.begin(), committed.end());
}

std::vector<kafka::Position> Mailbox::DrainAdded() {
  const std::lock_guard lock(mutex_);
  return std::exchange(added_, {});
}

std::vector<kafka::Position> Mailbox::DrainCommitted() {
  const std::lock_guard lock(mutex_);
  return std::exchange(committed_, {});
}

CommitLoop::CommitLoop(SessionContext& session, kafka::Admin& admin, Ledger& ledger, Committer& committer,
                       Mailbox& mailbox)
    : session_(session),
      admin_(admin),
      ledger_(ledger),
      committer_(committer),
      mailbox_(mailbox),
      known_partitions_(KnownPartitions(session.plan)),
      looked_at_s_(MonotonicSeconds()) {}

Status CommitLoop::Run(BoundedQueue<StagedBatch>& batches) {
  while (!session_.error.is_set()) {
    std::optional<StagedBatch> batch =
        batches.Pop(std::chrono::milliseconds(session_.options.flush_interval_ms));
    if (batch) {
      session_.stats.CommitBegan();
      FOREBAY_TRY(CommitOne(std::move(*batch)));
    } else if (batches.Exhausted()) {
      return Ok();
    } else if (session_.options.follow) {
      FOREBAY_TRY(BeginNewPartitions());
    }
    if (session_.options.follow) FOREBAY_TRY(LookForTopics());
  }
  return Ok();
}

Status CommitLoop::CommitOne(StagedBatch batch) {
  LandProgress landed;
  landed.batches = 1;
  landed.files = static_cast<int64_t>(batch.proposal.files.size());
  for (const ProposedFile& file : batch.proposal.files) landed.file_bytes += file.bytes;
  for (const BatchRange& range : batch.proposal.ranges) {
    landed.rows += range.rows;
    landed.quarantined += range.quarantined;
    landed.tombstones += range.tombstones;
  }
  for (const UntimedCount& count : batch.proposal.untimed) landed.untimed += count.records;
  const std::vector<kafka::Position> positions = PositionsOf(batch.proposal.ranges);
  const std::vector<FieldCount> fields = batch.proposal.fields;
  const double began = MonotonicSeconds();
  FOREBAY_ASSIGN(PreparedBatch prepared, committer_.Prepare(std::move(batch)));
  const Result<TopicChanges> changes = RefreshTopics(session_.plan, admin_, known_partitions_);
  Status topics =
      changes.ok() ? CheckGone(session_.plan, *changes, prepared.proposal().ranges) : ToStatus(changes);
  const LogCheckOptions check{session_.options.brokers, nullptr};  // a stop lands what was consumed
  if (topics.ok()) topics = ConfirmRecords(check, session_.plan, admin_, prepared.to_confirm());
  FOREBAY_ASSIGN(const BatchId id, committer_.Commit(std::move(prepared), topics));
  const double seconds = MonotonicSeconds() - began;
  session_.stats.Committed(landed, fields, seconds);
  spdlog::log(session_.options.follow ? spdlog::level::info : spdlog::level::debug,
              "batch {}: {} rows, {} quarantined, {} tombstones, {} files; committed in {:.1f} s", id.value(),
              landed.rows, landed.quarantined, landed.tombstones, landed.files, seconds);
  mailbox_.PostCommitted(positions);
  return session_.options.follow ? Adopt(*changes) : Ok();
}

Status CommitLoop::BeginNewPartitions() {
  FOREBAY_ASSIGN(const TopicChanges changes, RefreshTopics(session_.plan, admin_, known_partitions_));
  return Adopt(changes);
}

// New partitions begin at 0. The ledger records them before the consumer reads them. Where topics are gone,
// the session ends: the next plan does not have them.
Status CommitLoop::Adopt(const TopicChanges& changes) {
  if (!changes.gone.empty() && !session_.topics_changed) {
    WarnOfGone(session_.plan, changes);
    session_.topics_changed = true;
  }
  if (changes.added.empty()) return Ok();
  FOREBAY_TRY(BeginAdded(session_.plan, changes.added, ledger_, &known_partitions_));
  mailbox_.PostAdded(changes.added);
  return Ok();
}

Status CommitLoop::LookForTopics() {
  const double now_s = MonotonicSeconds();
  const bool is_due =
      (now_s - looked_at_s_) * 1000 >= static_cast<double>(session_.options.flush_interval_ms);
  if (!is_due || session_.topics_changed) return Ok();
  looked_at_s_ = now_s;
  FOREBAY_ASSIGN(const std::vector<std::string> found,
                 FindNewTopics(session_.options, session_.plan, admin_));
  for (const std::string& topic : found) spdlog::info("topic '{}' has appeared", topic);
  if (!found.empty()) session_.topics_changed = true;
  return Ok();
}

std::vector<kafka::Position> CommitLoop::PositionsOf(const std::vector<BatchRange>& ranges) const {
  std::vector<kafka::Position> positions;
  for (const BatchRange& range : ranges) {
    positions.push_back(
        {session_.plan.IndexOf(range.partition.topic_id), range.partition.partition, range.offsets.to});
  }
  return positions;
}

}  // namespace forebay
