#include "status/lake_reader.h"

#include <algorithm>

#include "base/time.h"

namespace forebay {
namespace {

constexpr int64_t kBatchesPerSnapshot = 1000;
constexpr double kReloadSeconds = 60;
constexpr double kReloadShare = 100;  // a reload takes at most a hundredth of the time

CommitStatus CommitOf(const LedgerBatch& batch) {
  CommitStatus commit;
  commit.batch = batch.id;
  commit.published = batch.state == BatchState::kPublished;
  commit.engine = batch.engine + " " + batch.engine_version;
  commit.decided_at_ms = batch.decided_at_ms;
  commit.published_at_ms = batch.published_at_ms;
  for (const BatchRange& range : batch.ranges) {
    commit.rows += static_cast<uint64_t>(range.rows);
    commit.quarantined += static_cast<uint64_t>(range.quarantined);
    commit.tombstones += static_cast<uint64_t>(range.tombstones);
  }
  for (const LedgerFile& file : batch.files) {
    commit.files += 1;
    commit.bytes += static_cast<uint64_t>(file.file.bytes);
  }
  return commit;
}

}  // namespace

LakeReader::LakeReader(OpenedLake opened) : opened_(std::move(opened)), examples_(opened_.lake->store()) {}

Result<std::unique_ptr<LakeReader>> LakeReader::Open(const std::string& lake, const LedgerOptions& options) {
  FOREBAY_ASSIGN(OpenedLake opened, OpenLakeForReading(PosixFs(), lake, options));
  return std::unique_ptr<LakeReader>(new LakeReader(std::move(opened)));
}

void LakeReader::AddBatch(const LedgerBatch& batch) {
  sums_.Add(batch, now_);
  summed_ = batch.id;
  commits_.push_back(CommitOf(batch));
  if (commits_.size() > kCommitsKept) commits_.pop_front();
  AddSources(batch, &sources_);
}

// Batches are published in the order of their ids. Batches after an unpublished one are not read yet.
Status LakeReader::Load() {
  while (true) {
    const BatchId until(summed_.value() + kBatchesPerSnapshot);
    FOREBAY_ASSIGN(now_, opened_.ledger->Snapshot(summed_, until));
    auto batch = now_.batches.begin();
    for (; batch != now_.batches.end() && batch->state == BatchState::kPublished; ++batch) AddBatch(*batch);
    now_.batches.erase(now_.batches.begin(), batch);
    if (!now_.batches.empty() || until >= now_.last_batch) return Ok();
    summed_ = std::max(summed_, until);
  }
}

Status LakeReader::Refresh() {
  const double began_s = MonotonicSeconds();
  const bool reload = began_s >= reload_at_s_;
  if (reload) {
    sums_ = LakeSums();
    summed_ = BatchId(0);
    commits_.clear();
    sources_.clear();
  }
  FOREBAY_TRY(Load());
  if (reload) {
    const double end_s = MonotonicSeconds();
    reload_at_s_ = end_s + std::max(kReloadSeconds, kReloadShare * (end_s - began_s));
  }
  return Ok();
}

void LakeReader::RefreshExamples() {
  examples_.Refresh(sources_, now_.topics);
}

Result<LakeStatus> LakeReader::Describe(const std::optional<TopicsAtBrokers>& brokers,
                                        const CompletenessOptions& options) {
  LakeStatus status;
  status.lake = opened_.lake->root();
  status.lake_id = now_.lake_id;
  status.now_ms = options.now_ms;
  status.last_batch = now_.last_batch;
  status.lost = now_.lost;
  for (const LedgerTopic& topic : now_.topics) status.topic_names[topic.id] = topic.topic;
  status.adoptions = now_.adoptions;
  for (const LedgerPartition& partition : now_.partitions) {
    if (!partition.adopted_at_ms) continue;
    for (const LedgerTopic& topic : now_.topics) {
      if (topic.id != partition.partition.topic_id) continue;
      status.adopted_logs.push_back(
          {topic.topic, partition.partition, partition.beginning, *partition.adopted_at_ms});
    }
  }
  FOREBAY_ASSIGN(const std::vector<std::string> staged, opened_.lake->store().ListStaged());
  status.staged_files = staged.size();
  FOREBAY_ASSIGN(status.free_bytes, opened_.lake->FreeBytes());
  status.commits.assign(commits_.begin(), commits_.end());
  for (const LedgerBatch& batch : now_.batches) {
    if (batch.state == BatchState::kDecided) status.half_published.push_back(batch.id);
    status.commits.push_back(CommitOf(batch));
  }
  std::reverse(status.commits.begin(), status.commits.end());
  if (status.commits.size() > kCommitsKept) status.commits.resize(kCommitsKept);
  if (!status.commits.empty()) {
    status.engine = status.commits.front().engine;
    status.last_landed_at_ms = status.commits.front().decided_at_ms;
  }
  status.brokers_queried = brokers.has_value();
  status.tables = sums_.Tables(now_, brokers, options);
  status.examples = examples_.All();
  status.examples_error = examples_.error();
  return status;
}

}  // namespace forebay
