#include "compare/content.h"

#include <algorithm>
#include <future>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/parallel.h"
#include "compare/record_view.h"
#include "kafka/range_reader.h"
#include "store/paths.h"

namespace forebay {
namespace {

constexpr int64_t kQueueBytes = 64'000'000;

void Sort(LogDigests* digests) {
  for (auto& [log, records] : *digests) std::sort(records.begin(), records.end());
}

// Calls `each` with the row and the record of each offset, until it returns false; one of them may be null.
template <typename Each>
void ForEachPair(const std::vector<RecordDigest>& lake, const std::vector<RecordDigest>& kafka,
                 OffsetRange offsets, const Each& each) {
  const auto within = [&](const std::vector<RecordDigest>& all) {
    const auto from = std::lower_bound(all.begin(), all.end(), RecordDigest{offsets.from, 0});
    return std::span(from, std::lower_bound(from, all.end(), RecordDigest{offsets.to, 0}));
  };
  const std::span<const RecordDigest> rows = within(lake);
  const std::span<const RecordDigest> records = within(kafka);
  for (size_t row = 0, record = 0; row < rows.size() || record < records.size();) {
    const bool has_row =
        row < rows.size() && (record == records.size() || rows[row].offset <= records[record].offset);
    const bool has_record =
        record < records.size() && (row == rows.size() || records[record].offset <= rows[row].offset);
    if (!each(has_row ? &rows[row] : nullptr, has_record ? &records[record] : nullptr)) return;
    row += has_row ? 1 : 0;
    record += has_record ? 1 : 0;
  }
}

// A batch without a last record is of a version that kept none, or has no records.
DigestOptions OptionsOf(const LedgerBatch& batch) {
  const bool is_older = std::none_of(batch.ranges.begin(), batch.ranges.end(),
                                     [](const BatchRange& range) { return range.last_record.has_value(); });
  return {batch.may_be_transformed ? DigestScope::kOrigin : DigestScope::kAllValues, is_older};
}

// Reads the files of some batches, each file once, several at a time.
class LakeSide {
 public:
  explicit LakeSide(const ContentSources& sources)
      : sources_(sources), topics_(TopicsById(sources.snapshot.topics)) {}

  Result<LakeContents> Read(const std::vector<const LedgerBatch*>& batches) {
    LakeContents all;
    for (const LedgerBatch* const batch : batches) {
      if (!logs_.try_emplace(batch, *batch, topics_).second) continue;
      for (const LedgerFile& file : batch->files) {
        if (file.state == FileState::kPresent) {
          files_.emplace_back(batch, &file);
        } else {
          all.incomplete.insert(batch->id);
        }
      }
    }
    std::vector<OfFile> of_files(files_.size());
    FOREBAY_TRY(ParallelFor(sources_.threads, files_.size(), [&](size_t i) {
      return ReadFile(*files_[i].first, *files_[i].second, &of_files[i]);
    }));
    for (size_t i = 0; i < files_.size(); ++i) {
      if (!of_files[i].is_read) all.incomplete.insert(files_[i].first->id);
      for (auto& [log, records] : std::exchange(of_files[i].digests, {})) {
        std::vector<RecordDigest>& of_log = all.records[log];
        of_log.insert(of_log.end(), records.begin(), records.end());
      }
    }
    Sort(&all.records);
    return all;
  }

 private:
  struct OfFile {
    LogDigests digests;
    bool is_read = false;
  };

  Status ReadFile(const LedgerBatch& batch, const LedgerFile& file, OfFile* found) const {
    if (sources_.stop != nullptr && sources_.stop->load())
      return CancelledError("stopped while files were read");
    const bool is_quarantine = file.place.table == kQuarantineTable;
    const Table* const table = sources_.contracts.FindTable(batch, file.place.table);
    if (table == nullptr && !is_quarantine) return Ok();
    const Result<bool> read = AddFileDigests(sources_.store, logs_.at(&batch), table, OptionsOf(batch),
                                             file.place, &found->digests);
    found->is_read = read.ok() && *read;
    if (read.ok() || read.error().code() == ErrorCode::kCorruption) return Ok();
    return read.error();
  }

  const ContentSources& sources_;
  const std::map<TopicId, const LedgerTopic*> topics_;
  std::map<const LedgerBatch*, BatchLogs> logs_;
  std::vector<std::pair<const LedgerBatch*, const LedgerFile*>> files_;
};

// Reads and decodes the parts' records.
class KafkaSide {
 public:
  explicit KafkaSide(const ContentSources& sources)
      : sources_(sources), topics_(TopicsById(sources.snapshot.topics)) {}

  Result<LogDigests> Read(const std::vector<ContentPart>& parts) {
    kafka::ConsumerOptions options;
    options.queue_bytes = kQueueBytes;
    std::map<std::string, uint32_t> topics;
    for (const ContentPart& part : parts) {
      const LedgerTopic* const topic = topics_.at(part.log.topic_id);
      const auto [entry, is_new] = topics.try_emplace(topic->topic, static_cast<uint32_t>(topics.size()));
      if (is_new) options.topics.push_back(topic->topic);
      FOREBAY_TRY(AddPart(entry->second, *topic, part));
    }
    if (ranges_.empty()) return LogDigests();
    FOREBAY_ASSIGN(const auto consumer, kafka::Consumer::Open(sources_.brokers, options));
    FOREBAY_TRY(kafka::ReadRanges(*consumer, ranges_, {.stop = sources_.stop},
                                  [this](const auto& messages) { return Accept(messages); }));
    Sort(&digests_);
    return std::move(digests_);
  }

 private:
  struct Part {
    TopicPartition log;
    OffsetRange offsets;
    RecordDigester* digester = nullptr;  // null: the contract cannot be read
    std::string_view topic = {};         // as RecordView::topic
    bool timed_only = false;
    int64_t now_ms = 0;
  };
  // The parts of a Kafka partition: of one log after the other.
  struct Partition {
    std::vector<Part> parts;
    size_t at = 0;
  };

  Status AddPart(uint32_t topic_index, const LedgerTopic& topic, const ContentPart& part) {
    const auto [entry, is_new] =
        partition_of_.try_emplace({topic_index, part.log.partition}, partitions_.size());
    if (is_new) {
      partitions_.emplace_back();
      ranges_.push_back({topic_index, part.log.partition, part.offsets});
    }
    ranges_[entry->second].offsets.to = part.offsets.to;
    const auto [scope, timed_only] = OptionsOf(*part.batch);
    Part added{part.log, part.offsets, nullptr, {}, timed_only, part.batch->decided_at_ms};
    if (const Table* const table = sources_.contracts.FindTable(*part.batch, topic.table)) {
      std::unique_ptr<RecordDigester>& digester = digesters_[{table, scope}];
      if (digester == nullptr) {
        FOREBAY_ASSIGN(digester, RecordDigester::Create(*table, scope));
      }
      added.digester = digester.get();
      if (table->HasTopicColumn()) added.topic = topic.topic;
    }
    partitions_[entry->second].parts.push_back(added);
    return Ok();
  }

  Status Accept(const std::vector<kafka::Message>& messages) {
    for (const kafka::Message& message : messages) {
      Partition& partition = partitions_[partition_of_.at({message.topic, message.partition})];
      while (partition.at < partition.parts.size() &&
             message.offset >= partition.parts[partition.at].offsets.to)
        ++partition.at;
      if (partition.at == partition.parts.size()) continue;
      const Part& part = partition.parts[partition.at];
      if (message.offset < part.offsets.from) continue;
      RecordView record = ViewOf(message);
      record.topic = part.topic;
      if (part.digester == nullptr || (part.timed_only && record.timestamp_ms < 0)) continue;
      if (part.digester->needs_headers()) record.headers = headers_.Of(message);
      FOREBAY_TRY(part.digester->Add(part.log, record, part.now_ms));
    }
    for (const auto& [table, digester] : digesters_) FOREBAY_TRY(digester->Flush(&digests_));
    return Ok();
  }

  const ContentSources& sources_;
  const std::map<TopicId, const LedgerTopic*> topics_;
  std::vector<Partition> partitions_;
  std::vector<kafka::RangeToRead> ranges_;  // by partition
  std::map<std::pair<uint32_t, PartitionId>, size_t> partition_of_;
  std::map<std::pair<const Table*, DigestScope>, std::unique_ptr<RecordDigester>> digesters_;
  LogDigests digests_;
  HeaderViews headers_;
};

}  // namespace

Result<LakeContents> ReadLake(const ContentSources& sources, const std::vector<const LedgerBatch*>& batches) {
  return LakeSide(sources).Read(batches);
}

Result<LogDigests> ReadKafka(const ContentSources& sources, const std::vector<ContentPart>& parts) {
  return KafkaSide(sources).Read(parts);
}

Result<Contents> ReadContents(const ContentSources& sources, const std::vector<ContentPart>& parts) {
  std::vector<const LedgerBatch*> batches;
  for (const ContentPart& part : parts) batches.push_back(part.batch);
  auto lake = std::async(std::launch::async, [&] { return ReadLake(sources, batches); });
  Result<LogDigests> kafka = ReadKafka(sources, parts);
  Result<LakeContents> files = lake.get();
  if (!kafka.ok()) return kafka.error();
  if (!files.ok()) return files.error();
  return Contents{std::move(*files), std::move(*kafka)};
}

ContentDifferences Compare(const std::vector<RecordDigest>& lake, const std::vector<RecordDigest>& kafka,
                           OffsetRange offsets) {
  ContentDifferences differences;
  ForEachPair(lake, kafka, offsets, [&](const RecordDigest* row, const RecordDigest* record) {
    if (record == nullptr) {
      differences.only_in_lake.push_back(row->offset);
    } else if (row == nullptr) {
      differences.only_in_kafka.push_back(record->offset);
    } else if (row->digest != record->digest) {
      differences.different.push_back(row->offset);
    } else {
      ++differences.same;
    }
    return true;
  });
  return differences;
}

ProvenPrefix ProvePrefix(const std::vector<RecordDigest>& lake, const std::vector<RecordDigest>& kafka,
                         OffsetRange offsets, MayLack may_lack) {
  ProvenPrefix prefix;
  ForEachPair(lake, kafka, offsets, [&](const RecordDigest* row, const RecordDigest* record) {
    if (record == nullptr && may_lack.kafka_may_lack) return true;
    if (row == nullptr && may_lack.lake_may_lack) return true;
    if (row != nullptr && record != nullptr && row->digest == record->digest) {
      prefix.end = Offset(row->offset.value() + 1);
      return true;
    }
    prefix.difference = (row != nullptr ? row : record)->offset;
    return false;
  });
  return prefix;
}

}  // namespace forebay
