#include "verify/redecode.h"

#include <fmt/format.h>

#include <memory>
#include <utility>
#include <vector>

#include "compare/record_view.h"
#include "contract/reason.h"
#include "decode/record_decoder.h"
#include "kafka/admin.h"
#include "kafka/consumer.h"
#include "kafka/range_reader.h"

namespace forebay {
namespace {

constexpr size_t kMaxDirectories = 10'000;  // limit of the decoder's cache

// Of one topic. Uses the contract of each record's batch.
class TopicRedecoder {
 public:
  TopicRedecoder(const AuditScope& scope, const LedgerSnapshot& snapshot, const BatchContracts& contracts,
                 size_t topic, const TopicOffsets& offsets)
      : scope_(scope), contracts_(contracts), topic_(scope.topics()[topic]), offsets_(offsets) {
    for (const LedgerBatch& batch : snapshot.batches) batches_[batch.id] = &batch;
  }

  Result<DecodedAgain> Run(const kafka::ClientConfig& config, const kafka::RetryOptions& retry) {
    FOREBAY_ASSIGN(const auto admin, kafka::Admin::Open(config, retry));
    FOREBAY_ASSIGN(const std::vector<kafka::RangeToRead> ranges, FindRanges(*admin));
    if (!decoded_.impossible.empty() || ranges.empty()) return decoded_;
    kafka::ConsumerOptions options;
    options.topics = {topic_.topic};
    FOREBAY_ASSIGN(const auto consumer, kafka::Consumer::Open(config, options));
    FOREBAY_TRY(
        kafka::ReadRanges(*consumer, ranges, {.stop = retry.stop}, [this](const auto& messages) -> Status {
          for (const kafka::Message& message : messages) FOREBAY_TRY(Accept(message));
          return Ok();
        }));
    return decoded_;
  }

 private:
  Result<std::vector<kafka::RangeToRead>> FindRanges(kafka::Admin& admin) {
    std::vector<kafka::RangeToRead> ranges;
    FOREBAY_ASSIGN(const std::vector<kafka::TopicInfo> infos, admin.DescribeTopics({topic_.topic}));
    if (!infos[0].exists || infos[0].id != topic_.id) {
      decoded_.impossible = "the topic was deleted or recreated";
      return ranges;
    }
    std::vector<kafka::NamedPartition> names;
    for (const auto& [partition, set] : offsets_) {
      if (!set.empty()) names.push_back({topic_.topic, scope_.partitions()[partition].id.partition});
    }
    FOREBAY_ASSIGN(const std::vector<kafka::Watermarks> marks, admin.QueryWatermarks(names));
    uint64_t gone = 0;
    for (const auto& [partition, set] : offsets_) {
      if (set.empty()) continue;
      const kafka::Watermarks& mark = marks[ranges.size()];
      gone += CountOffsets(Intersection(set, Normalized({{Offset(0), mark.earliest}})));
      partition_of_[scope_.partitions()[partition].id.partition] = partition;
      ranges.push_back({0, scope_.partitions()[partition].id.partition, {set.front().from, set.back().to}});
    }
    if (gone > 0) decoded_.impossible = fmt::format("Kafka no longer has {} of its records", gone);
    return ranges;
  }

  Status Accept(const kafka::Message& message) {
    if (!decoded_.impossible.empty()) return Ok();
    const size_t partition = partition_of_.at(message.partition);
    const OffsetRange here{message.offset, Offset(message.offset.value() + 1)};
    if (Within(offsets_.at(partition), here).empty()) return Ok();
    const std::optional<BatchId> id = scope_.BatchOf(partition, message.offset);
    if (!id) return Ok();
    const LedgerBatch& batch = *batches_.at(*id);
    FOREBAY_ASSIGN(RecordDecoder * decoder, DecoderOf(batch));
    if (decoder == nullptr) {
      decoded_.impossible = "the contract of a batch cannot be read";
      return Ok();
    }
    if (decoder->partitions().size() > kMaxDirectories) decoder->partitions().Clear();
    // A record without a timestamp was landed with the time of the landing, which this is to the second.
    RecordView record = ViewOf(message);
    if (decoder->table().HasTopicColumn()) record.topic = topic_.topic;
    if (decoder->needs_headers()) record.headers = headers_.Of(message);
    FOREBAY_ASSIGN(const Outcome outcome, decoder->Decode(record, batch.decided_at_ms));
    if (outcome == Outcome::kRow) {
      ExpectedRows& rows = decoded_.outcome.landed[decoder->partitions().directory(decoder->partition())];
      ++rows.rows;
      rows.key_sum += decoder->key_hash();
    } else if (outcome == Outcome::kReject) {
      ++decoded_.outcome.rejected[std::string(ReasonName(decoder->rejection().reason))];
    }
    return Ok();
  }

  Result<RecordDecoder*> DecoderOf(const LedgerBatch& batch) {
    const auto known = decoders_.find(batch.contract_hash);
    if (known != decoders_.end()) return known->second.get();
    const Table* const table = contracts_.FindTable(batch, topic_.table);
    std::unique_ptr<RecordDecoder>& decoder = decoders_[batch.contract_hash];
    if (table != nullptr) {
      FOREBAY_ASSIGN(decoder, RecordDecoder::Create(*table));
    }
    return decoder.get();
  }

  HeaderViews headers_;
  const AuditScope& scope_;
  const BatchContracts& contracts_;
  const LedgerTopic& topic_;
  const TopicOffsets& offsets_;
  std::map<BatchId, const LedgerBatch*> batches_;
  std::map<PartitionId, size_t> partition_of_;                      // of the scope
  std::map<std::string, std::unique_ptr<RecordDecoder>> decoders_;  // by contract
  DecodedAgain decoded_;
};

}  // namespace

Result<DecodedAgain> DecodeAgain(const AuditScope& scope, const LedgerSnapshot& snapshot,
                                 const BatchContracts& contracts, const kafka::ClientConfig& config,
                                 const kafka::RetryOptions& retry, size_t topic,
                                 const TopicOffsets& offsets) {
  return TopicRedecoder(scope, snapshot, contracts, topic, offsets).Run(config, retry);
}

}  // namespace forebay
