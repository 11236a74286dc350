#include "verify/content_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compare/content.h"
#include "compare/log_check.h"
#include "kafka/admin.h"

namespace forebay {
namespace {

constexpr int64_t kGroupRecords = 1'000'000;
constexpr int kRetries = 3;

int64_t RecordsOf(const BatchRange& range) {
  return range.rows + range.quarantined;
}

class ContentCheck {
 public:
  ContentCheck(const AuditOptions& options, const AuditScope& scope, const LedgerSnapshot& snapshot,
               const BatchContracts& contracts, const std::set<size_t>& compacted, TableStore& store,
               FindingLog& log)
      : scope_(scope),
        snapshot_(snapshot),
        compacted_(compacted),
        sources_{store, snapshot, contracts, *options.broker, options.threads, options.stop},
        retry_{options.broker_timeout_ms, options.stop, kafka::kBrokersDownMs},
        log_(log) {}

  Result<AuditedContent> Run() {
    FOREBAY_ASSIGN(admin_, kafka::Admin::Open(sources_.brokers, retry_));
    FOREBAY_TRY(FindLogsAtBroker());
    std::vector<const LedgerBatch*> group;
    int64_t records = 0;
    for (const LedgerBatch& batch : snapshot_.batches) {
      if (batch.state != BatchState::kPublished) continue;
      group.push_back(&batch);
      for (const BatchRange& range : batch.ranges) records += RecordsOf(range);
      if (records < kGroupRecords) continue;
      FOREBAY_TRY(CheckGroup(std::exchange(group, {})));
      records = 0;
    }
    FOREBAY_TRY(CheckGroup(group));
    return content_;
  }

 private:
  Status FindLogsAtBroker();
  Status QueryMarks();
  Status CheckGroup(const std::vector<const LedgerBatch*>& group);
  std::vector<ContentPart> PartsOf(const std::vector<const LedgerBatch*>& group) const;
  void CompareRange(const LedgerBatch& batch, const BatchRange& range, const Contents& contents);
  void Report(const LedgerBatch& batch, size_t partition, const std::vector<Offset>& offsets,
              const std::string& found);
  // The part of a range that Kafka has.
  OffsetRange AtBroker(const BatchRange& range) const {
    const auto kept = kept_.find(range.partition);
    if (kept == kept_.end()) return {range.offsets.to, range.offsets.to};
    const Offset to = std::min(range.offsets.to, kept->second.to);
    return {std::min(to, std::max(range.offsets.from, kept->second.from)), to};
  }

  const AuditScope& scope_;
  const LedgerSnapshot& snapshot_;
  std::set<size_t> compacted_;  // topics of the scope: by their contracts or at the brokers
  const ContentSources sources_;
  const kafka::RetryOptions retry_;
  FindingLog& log_;
  std::unique_ptr<kafka::Admin> admin_;
  std::vector<kafka::NamedPartition> names_;
  std::vector<TopicPartition> logs_;  // at the brokers, in the order of names_
  std::vector<Offset> ends_;          // of those, at the beginning
  // What the brokers have of each log: also of an earlier one, below the beginning of the one that was
  // adopted.
  std::map<TopicPartition, OffsetRange> kept_;
  AuditedContent content_;
};

Status ContentCheck::FindLogsAtBroker() {
  std::vector<std::string> topics;
  for (const LedgerTopic& topic : scope_.topics()) topics.push_back(topic.topic);
  if (topics.empty()) return Ok();
  FOREBAY_ASSIGN(const std::vector<kafka::TopicInfo> infos, admin_->DescribeTopics(topics));
  std::set<size_t> asked;
  for (const PartitionScope& partition : scope_.partitions()) {
    const kafka::TopicInfo& info = infos[partition.topic];
    const bool is_there =
        info.exists && info.id == partition.id.topic_id && partition.id.partition.value() < info.partitions;
    if (!is_there || !partition.current) continue;
    names_.push_back({info.name, partition.id.partition});
    logs_.push_back(partition.id);
    if (!asked.insert(partition.topic).second) continue;
    FOREBAY_ASSIGN(const bool may_be_compacted, MayBeCompacted(*admin_, info.name));
    if (may_be_compacted) compacted_.insert(partition.topic);
  }
  return QueryMarks();
}

Status ContentCheck::QueryMarks() {
  if (names_.empty()) return Ok();
  FOREBAY_ASSIGN(const std::vector<kafka::Watermarks> marks, admin_->QueryWatermarks(names_));
  for (size_t i = 0; i < logs_.size(); ++i) {
    if (ends_.size() == i) ends_.push_back(marks[i].stable);
    for (const LogSegment& segment : LineageOf(snapshot_.partitions, logs_[i])) {
      const Offset to = std::min(segment.offsets.to, ends_[i]);
      kept_[segment.log] = {std::min(to, std::max(segment.offsets.from, marks[i].earliest)), to};
    }
  }
  return Ok();
}

// Records may expire while they are read.
Status ContentCheck::CheckGroup(const std::vector<const LedgerBatch*>& group) {
  for (int attempt = 1;; ++attempt) {
    const Result<Contents> contents = ReadContents(sources_, PartsOf(group));
    const bool stopped = !contents.ok() && contents.error().code() == ErrorCode::kCancelled;
    if (!contents.ok() && (stopped || attempt == kRetries)) return contents.error();
    FOREBAY_TRY(QueryMarks());
    if (!contents.ok()) continue;
    for (const LedgerBatch* const batch : group) {
      for (const BatchRange& range : batch->ranges) CompareRange(*batch, range, *contents);
    }
    return Ok();
  }
}

std::vector<ContentPart> ContentCheck::PartsOf(const std::vector<const LedgerBatch*>& group) const {
  std::vector<ContentPart> parts;
  for (const LedgerBatch* const batch : group) {
    for (const BatchRange& range : batch->ranges) {
      const OffsetRange offsets = AtBroker(range);
      if (offsets.from < offsets.to) parts.push_back({batch, range.partition, offsets});
    }
  }
  return parts;
}

void ContentCheck::CompareRange(const LedgerBatch& batch, const BatchRange& range, const Contents& contents) {
  static const std::vector<RecordDigest> kNone;
  const auto of_log = [&](const LogDigests& digests) -> const std::vector<RecordDigest>& {
    const auto found = digests.find(range.partition);
    return found == digests.end() ? kNone : found->second;
  };
  const OffsetRange offsets = AtBroker(range);
  const ContentDifferences found = Compare(of_log(contents.lake.records), of_log(contents.kafka), offsets);
  const size_t partition = *scope_.FindPartition(range.partition);
  content_.compared += found.same + found.different.size();
  Report(batch, partition, found.different, "other values than Kafka's record gives");
  const bool is_compacted = compacted_.contains(scope_.partitions()[partition].topic);
  if (is_compacted) {
    content_.gone += found.only_in_lake.size();
  } else {
    content_.compared += found.only_in_lake.size();
    Report(batch, partition, found.only_in_lake, "Kafka has no record there");
  }
  const auto row = [&](Offset offset) {
    const std::vector<RecordDigest>& lake = of_log(contents.lake.records);
    return std::lower_bound(lake.begin(), lake.end(), RecordDigest{offset, 0});
  };
  if (offsets.from == offsets.to) {
    content_.gone += static_cast<uint64_t>(RecordsOf(range));
  } else {
    content_.gone += static_cast<uint64_t>(row(offsets.from) - row(range.offsets.from));
    content_.gone += static_cast<uint64_t>(row(range.offsets.to) - row(offsets.to));
  }
}

void ContentCheck::Report(const LedgerBatch& batch, size_t partition, const std::vector<Offset>& offsets,
                          const std::string& found) {
  OffsetSet runs;
  for (const Offset offset : offsets) AppendOffset(runs, offset);
  for (const OffsetRange& run : runs) {
    Finding finding = scope_.PartitionFinding(FindingKind::kContentMismatch, partition, run);
    finding.batch = batch.id;
    finding.detail = found;
    log_.Add(std::move(finding));
  }
}

}  // namespace

Result<AuditedContent> CheckContent(const AuditOptions& options, const AuditScope& scope,
                                    const LedgerSnapshot& snapshot, const BatchContracts& contracts,
                                    const std::set<size_t>& compacted, TableStore& store, FindingLog& log) {
  FOREBAY_ASSERT(options.broker.has_value());
  return ContentCheck(options, scope, snapshot, contracts, compacted, store, log).Run();
}

}  // namespace forebay
