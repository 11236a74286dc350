#include "verify/gap_classifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "kafka/admin.h"
#include "kafka/consumer.h"
#include "kafka/range_reader.h"

namespace forebay {
namespace {

// Reading this many records takes about as long as a new assignment.
constexpr int64_t kSegmentGap = 100'000;
constexpr int kRetries = 3;

// The results of reading some offsets of one partition.
struct Seen {
  std::vector<OffsetRange> records;
  std::vector<OffsetRange> tombstones;

  OffsetSet All() const { return Union(Normalized(records), Normalized(tombstones)); }
};

using Targets = std::map<size_t, OffsetSet>;  // by partition of the scope
using SeenByPartition = std::map<size_t, Seen>;

// Reads target offsets of several partitions at one isolation level.
class SegmentReader {
 public:
  SegmentReader(const AuditScope& scope, const std::atomic<bool>* stop) : scope_(scope), stop_(stop) {}

  Status Open(const kafka::ClientConfig& config, kafka::Isolation isolation, const Targets& targets) {
    kafka::ConsumerOptions options;
    options.isolation = isolation;
    for (const auto& [partition, offsets] : targets) {
      const std::string& topic = scope_.TopicOf(partition).topic;
      const auto [entry, is_new] =
          topic_index_.try_emplace(topic, static_cast<uint32_t>(options.topics.size()));
      if (is_new) options.topics.push_back(topic);
      partition_of_[{entry->second, scope_.partitions()[partition].id.partition}] = partition;
    }
    FOREBAY_ASSIGN(consumer_, kafka::Consumer::Open(config, options));
    return Ok();
  }

  // Returns the records and tombstones at the target offsets.
  Result<SeenByPartition> Read(const Targets& targets) {
    std::map<size_t, OffsetSet> segments;
    size_t rounds = 0;
    for (const auto& [partition, offsets] : targets) {
      segments[partition] = FillGaps(offsets, kSegmentGap);
      rounds = std::max(rounds, segments[partition].size());
    }
    SeenByPartition seen;
    for (size_t round = 0; round < rounds; ++round) {
      std::map<size_t, OffsetRange> open;
      for (const auto& [partition, ranges] : segments) {
        if (round < ranges.size()) open[partition] = ranges[round];
      }
      FOREBAY_TRY(ReadRound(targets, open, &seen));
    }
    return seen;
  }

 private:
  Status ReadRound(const Targets& targets, const std::map<size_t, OffsetRange>& segments,
                   SeenByPartition* seen) {
    std::vector<kafka::RangeToRead> ranges;
    for (const auto& [partition, range] : segments) {
      ranges.push_back({topic_index_.at(scope_.TopicOf(partition).topic),
                        scope_.partitions()[partition].id.partition, range});
    }
    return kafka::ReadRanges(*consumer_, ranges, {.stop = stop_},
                             [&](const std::vector<kafka::Message>& messages) {
                               for (const kafka::Message& message : messages)
                                 ObserveMessage(targets, message, seen);
                               return Ok();
                             });
  }

  void ObserveMessage(const Targets& targets, const kafka::Message& message, SeenByPartition* seen) {
    const auto partition = partition_of_.find({message.topic, message.partition});
    if (partition == partition_of_.end()) return;
    const OffsetRange here{message.offset, Offset(message.offset.value() + 1)};
    if (Within(targets.at(partition->second), here).empty()) return;
    Seen& of_partition = (*seen)[partition->second];
    AppendOffset(message.tombstone() ? of_partition.tombstones : of_partition.records, message.offset);
  }

  const AuditScope& scope_;
  const std::atomic<bool>* stop_;
  std::unique_ptr<kafka::Consumer> consumer_;
  std::map<std::string, uint32_t> topic_index_;
  std::map<std::pair<uint32_t, PartitionId>, size_t> partition_of_;
};

class GapClassifier {
 public:
  GapClassifier(const AuditScope& scope, const kafka::ClientConfig& config, const kafka::RetryOptions& retry,
                const std::set<size_t>& may_be_gone, std::vector<MissingOffsets>* missing, FindingLog& log)
      : scope_(scope),
        config_(config),
        retry_(retry),
        stop_(retry.stop),
        may_be_gone_(may_be_gone),
        missing_(*missing),
        log_(log) {}

  Status Run() {
    FOREBAY_ASSIGN(admin_, kafka::Admin::Open(config_, retry_));
    FOREBAY_TRY(FindTopics());
    for (int attempt = 1;; ++attempt) {
      FOREBAY_TRY(ClassifyExpired(attempt == 1));
      const Status read = ClassifyByReading();
      // Records may expire after the query for the partition's beginning and before the read.
      if (read.ok() || read.error().code() == ErrorCode::kCancelled || attempt == kRetries) return read;
    }
  }

 private:
  Status FindTopics();
  Status ClassifyExpired(bool report);
  Status ClassifyByReading();
  bool IsAtBroker(size_t partition) const {
    const PartitionScope& log = scope_.partitions()[partition];
    return log.current && at_broker_.contains(log.topic);
  }

  const AuditScope& scope_;
  const kafka::ClientConfig& config_;
  const kafka::RetryOptions retry_;
  const std::atomic<bool>* stop_;
  const std::set<size_t>& may_be_gone_;
  std::vector<MissingOffsets>& missing_;
  FindingLog& log_;
  std::unique_ptr<kafka::Admin> admin_;
  std::map<size_t, Offset> stable_;  // by partition of the scope: the end at the brokers
  std::set<size_t> at_broker_;       // topics of the scope that the brokers have with the same id
};

Status GapClassifier::FindTopics() {
  std::vector<std::string> names;
  std::vector<size_t> indexes;
  for (size_t i = 0; i < scope_.topics().size(); ++i) {
    if (!scope_.topics()[i].current) continue;
    names.push_back(scope_.topics()[i].topic);
    indexes.push_back(i);
  }
  if (names.empty()) return Ok();
  FOREBAY_ASSIGN(const std::vector<kafka::TopicInfo> infos, admin_->DescribeTopics(names));
  for (size_t i = 0; i < infos.size(); ++i) {
    const LedgerTopic& topic = scope_.topics()[indexes[i]];
    if (infos[i].exists && infos[i].id == topic.id) {
      at_broker_.insert(indexes[i]);
      continue;
    }
    if (!infos[i].exists && may_be_gone_.contains(indexes[i])) {
      log_.AddNote(scope_.TopicFinding(FindingKind::kTopicGone, indexes[i]));
      continue;
    }
    Finding finding = scope_.TopicFinding(FindingKind::kTopicRecreated, indexes[i]);
    finding.expected = "topic id " + topic.id.base64();
    finding.found =
        infos[i].exists ? "topic id " + infos[i].id.base64() + " at the brokers" : "no such topic";
    log_.Add(std::move(finding));
  }
  return Ok();
}

Status GapClassifier::ClassifyExpired(bool report) {
  std::vector<kafka::NamedPartition> names;
  std::vector<size_t> indexes;
  for (size_t i = 0; i < scope_.partitions().size(); ++i) {
    if (!IsAtBroker(i)) continue;
    names.push_back({scope_.TopicOf(i).topic, scope_.partitions()[i].id.partition});
    indexes.push_back(i);
  }
  if (names.empty()) return Ok();
  FOREBAY_ASSIGN(const std::vector<kafka::Watermarks> marks, admin_->QueryWatermarks(names));
  for (size_t i = 0; i < marks.size(); ++i) {
    const PartitionScope& partition = scope_.partitions()[indexes[i]];
    MissingOffsets& here = missing_[indexes[i]];
    const OffsetSet gone = Normalized({{Offset(0), marks[i].earliest}});
    stable_[indexes[i]] = marks[i].stable;
    here.expired = Union(here.expired, Intersection(here.unexplained, gone));
    here.unexplained = Difference(here.unexplained, gone);
    if (!report || partition.next <= marks[i].stable) continue;
    Finding finding =
        scope_.PartitionFinding(FindingKind::kBrokerBehind, indexes[i], {marks[i].stable, partition.next});
    finding.detail = fmt::format("landed, but the topic ends at {}", marks[i].stable.value());
    log_.Add(std::move(finding));
  }
  return Ok();
}

Status GapClassifier::ClassifyByReading() {
  Targets targets;
  for (size_t i = 0; i < missing_.size(); ++i) {
    if (!IsAtBroker(i)) continue;
    OffsetSet readable = Intersection(missing_[i].unexplained, Normalized({{Offset(0), stable_[i]}}));
    if (!readable.empty()) targets[i] = std::move(readable);
  }
  if (targets.empty()) return Ok();
  SegmentReader uncommitted(scope_, stop_);
  FOREBAY_TRY(uncommitted.Open(config_, kafka::Isolation::kReadUncommitted, targets));
  FOREBAY_ASSIGN(const SeenByPartition seen, uncommitted.Read(targets));
  Targets seen_targets;
  for (const auto& [partition, offsets] : seen) seen_targets[partition] = offsets.All();
  SeenByPartition committed;
  if (!seen_targets.empty()) {
    SegmentReader reader(scope_, stop_);
    FOREBAY_TRY(reader.Open(config_, kafka::Isolation::kReadCommitted, seen_targets));
    FOREBAY_ASSIGN(committed, reader.Read(seen_targets));
  }
  for (const auto& [partition, offsets] : targets) {
    MissingOffsets& here = missing_[partition];
    const OffsetSet& any = seen_targets[partition];
    here.tombstones = Normalized(committed[partition].tombstones);
    here.records = Normalized(committed[partition].records);
    here.aborted = Difference(any, committed[partition].All());
    here.no_record = Difference(offsets, any);
    here.unexplained = Difference(here.unexplained, offsets);
  }
  return Ok();
}

}  // namespace

OffsetSet FillGaps(const OffsetSet& set, int64_t gap) {
  OffsetSet filled;
  for (const OffsetRange& range : set) {
    if (!filled.empty() && range.from.value() - filled.back().to.value() <= gap) {
      filled.back().to = range.to;
    } else {
      filled.push_back(range);
    }
  }
  return filled;
}

Status ClassifyGaps(const AuditScope& scope, const kafka::ClientConfig& config,
                    const kafka::RetryOptions& retry, const std::set<size_t>& may_be_gone,
                    std::vector<MissingOffsets>* missing, FindingLog& log) {
  return GapClassifier(scope, config, retry, may_be_gone, missing, log).Run();
}

}  // namespace forebay
