#include "produce/resume.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "decode/record_decoder.h"
#include "kafka/consumer.h"
#include "produce/sender.h"
#include "produce/topics.h"

namespace forebay::produce {
namespace {

constexpr int kPollMs = 50;
constexpr double kSilenceSeconds = 60;
// A request that a killed producer left at the broker is appended within this time.
constexpr double kSettleSeconds = 1;
constexpr size_t kMaxDirectories = 10'000;  // limit of the decoder's cache

bool IsStopped(const std::atomic<bool>* stop) {
  return stop != nullptr && stop->load();
}

Error Stopped() {
  return CancelledError("stopped before the interrupted run was continued; nothing was sent");
}

bool Has(const OffsetRuns& sequences, uint64_t sequence) {
  return sequences.Contains(Offset(static_cast<int64_t>(sequence)));
}

// Gives the records of another source without those that are in the topic already.
class UnsentRecords : public Source {
 public:
  UnsentRecords(std::unique_ptr<Source> all, std::vector<OffsetRuns> sent)
      : all_(std::move(all)), sent_(std::move(sent)) {}

  Result<bool> Next(Block* block) override {
    Block made;
    FOREBAY_ASSIGN(const bool more, all_->Next(&made));
    block->table = made.table;
    block->timestamp_ms = made.timestamp_ms;
    for (size_t i = 0; i < made.records.size(); ++i) {
      const GeneratedRecord record = made.records.at(i);
      if (Has(sent_[made.table], record.sequence)) continue;
      const Expectation& expected = record.expected;
      const uint32_t partition = expected.reason ? 0 : block->records.InternPartition(expected.partition);
      block->records.bytes().append(record.key).append(record.value);
      block->records.Add(record.key.size(), record.value.size(), record.sequence, expected.reason, partition,
                         expected.key_hash);
    }
    return more;
  }

 private:
  const std::unique_ptr<Source> all_;
  const std::vector<OffsetRuns> sent_;  // by table
};

// The first offset at which a record of the run may be that the receipt does not name.
Offset FirstUnnamed(const ReceiptPartition& partition) {
  Offset first = partition.beginning;
  for (const OffsetRange& run : partition.acknowledged.runs()) {
    if (run.from <= first && first < run.to) first = run.to;
  }
  return first;
}

// Reads the topics of a run for records that its receipt does not name.
class SentRecordFinder {
 public:
  explicit SentRecordFinder(Plan& plan) : plan_(plan), keeper_(MakeKeeper(plan)) {}

  Result<Receipt> Find(const kafka::ClientConfig& config, kafka::Admin& admin,
                       const std::vector<kafka::TopicInfo>& topics) {
    for (const auto& table : plan_.tables) {
      FOREBAY_ASSIGN(decoders_.emplace_back(), RecordDecoder::Create(*table));
    }
    kafka::ConsumerOptions options;
    options.topics = TopicNames(plan_.receipt);
    options.isolation = kafka::Isolation::kReadUncommitted;  // an open transaction of others hides nothing
    FOREBAY_ASSIGN(const auto consumer, kafka::Consumer::Open(config, options));
    FOREBAY_ASSIGN(const std::vector<kafka::Position> starts, Starts(admin, topics));
    FOREBAY_TRY(consumer->Assign(starts));
    FOREBAY_TRY(ReadToTheEnds(*consumer));
    return keeper_.receipt();
  }

 private:
  Result<std::vector<kafka::Position>> Starts(kafka::Admin& admin,
                                              const std::vector<kafka::TopicInfo>& topics) const {
    std::vector<kafka::Position> starts;
    std::vector<kafka::NamedPartition> names;
    for (uint32_t t = 0; t < topics.size(); ++t) {
      const auto& known = plan_.receipt.tables[t].partitions;
      for (int32_t p = 0; p < topics[t].partitions; ++p) {
        const auto found = known.find(p);
        starts.push_back({t, PartitionId(p), found == known.end() ? Offset(0) : FirstUnnamed(found->second)});
        names.push_back({topics[t].name, PartitionId(p)});
      }
    }
    FOREBAY_ASSIGN(const std::vector<kafka::Watermarks> marks, admin.QueryWatermarks(names));
    for (size_t i = 0; i < starts.size(); ++i)
      starts[i].offset = std::max(starts[i].offset, marks[i].earliest);
    return starts;
  }

  Status ReadToTheEnds(kafka::Consumer& consumer) {
    const double began_s = MonotonicSeconds();
    double active_s = began_s;
    kafka::MessageBatch batch;
    while (true) {
      if (IsStopped(plan_.options.stop)) return Stopped();
      FOREBAY_TRY(consumer.Poll(&batch, kPollMs));
      for (const std::string& warning : consumer.DrainWarnings()) spdlog::warn("{}", warning);
      for (size_t i = 0; i < batch.size(); ++i) FOREBAY_TRY(Accept(batch, i));
      const double now_s = MonotonicSeconds();
      if (!batch.empty()) active_s = now_s;
      const auto& positions = consumer.positions();
      const bool at_ends = std::all_of(positions.begin(), positions.end(),
                                       [](const kafka::Position& position) { return position.at_end; });
      if (at_ends && now_s - began_s >= kSettleSeconds) return Ok();
      if (!at_ends && now_s - active_s >= kSilenceSeconds)
        return UnavailableError("no records from the brokers for a minute; check them, and resume again");
    }
  }

  Status Accept(const kafka::MessageBatch& batch, size_t index) {
    const kafka::Message& message = batch.messages()[index];
    if (batch.Header(index, kRunHeader) != plan_.receipt.run || message.tombstone()) return Ok();
    const std::string_view text = batch.Header(index, kSequenceHeader);
    uint64_t sequence = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), sequence);
    if (error != std::errc() || end != text.data() + text.size()) return Ok();
    const auto& known = keeper_.receipt().tables[message.topic].partitions;
    const auto partition = known.find(message.partition.value());
    if (partition != known.end() && partition->second.acknowledged.Contains(message.offset)) return Ok();
    FOREBAY_ASSIGN(const GeneratedRecord record, Expect(message, sequence));
    keeper_.Deliver(message.topic, record,
                    {0, kafka::DeliveryOutcome::kAcknowledged, message.partition, message.offset,
                     RD_KAFKA_RESP_ERR_NO_ERROR});
    return Ok();
  }

  // The record with its expected outcome, as the source would have given it.
  Result<GeneratedRecord> Expect(const kafka::Message& message, uint64_t sequence) {
    RecordDecoder& decoder = *decoders_[message.topic];
    if (decoder.partitions().size() > kMaxDirectories) decoder.partitions().Clear();
    RecordView view;
    view.timestamp_ms = UsableKafkaTimestamp(message.timestamp_ms);
    view.value = message.value;
    FOREBAY_ASSIGN(const Outcome outcome, decoder.Decode(view, WallClockMillis()));
    GeneratedRecord record{message.key, message.value, sequence, {}};
    if (outcome == Outcome::kRow) {
      directory_ = decoder.partitions().directory(decoder.partition());
      record.expected = {std::nullopt, directory_, decoder.key_hash()};
    } else {
      record.expected.reason = decoder.rejection().reason;
    }
    return record;
  }

  Plan& plan_;
  ReceiptKeeper keeper_;
  std::vector<std::unique_ptr<RecordDecoder>> decoders_;  // by table
  std::string directory_;                                 // of the last record
};

Status NoteBeginnings(kafka::Admin& admin, const std::vector<kafka::TopicInfo>& topics, Receipt* receipt) {
  std::vector<kafka::NamedPartition> names;
  for (const kafka::TopicInfo& topic : topics) {
    for (int32_t p = 0; p < topic.partitions; ++p) names.push_back({topic.name, PartitionId(p)});
  }
  FOREBAY_ASSIGN(const std::vector<kafka::Watermarks> marks, admin.QueryWatermarks(names));
  size_t at = 0;
  for (size_t t = 0; t < topics.size(); ++t) {
    for (int32_t p = 0; p < topics[t].partitions; ++p)
      receipt->tables[t].partitions[p].beginning = marks[at++].stable;
  }
  return Ok();
}

Status FindSentRecords(const kafka::ClientConfig& config, kafka::Admin& admin,
                       const std::vector<kafka::TopicInfo>& topics, Plan* plan) {
  if (plan->may_be_more) {
    FOREBAY_ASSIGN(plan->receipt, SentRecordFinder(*plan).Find(config, admin, topics));
  }
  std::vector<OffsetRuns> sent;
  uint64_t records = 0;
  for (const ReceiptTable& table : plan->receipt.tables) {
    sent.push_back(table.sequences);
    records += static_cast<uint64_t>(table.sequences.count());
  }
  spdlog::info("resuming run {}: {} records are in the topic", plan->receipt.run, records);
  plan->source = std::make_unique<UnsentRecords>(std::move(plan->source), std::move(sent));
  return Ok();
}

}  // namespace

Status CheckSentRecords(Source& source, const Receipt& receipt, const std::atomic<bool>* stop) {
  std::vector<uint64_t> sums(receipt.tables.size());
  std::vector<int64_t> missing;
  for (const ReceiptTable& table : receipt.tables) missing.push_back(table.sequences.count());
  const auto all_found = [&] {
    return std::all_of(missing.begin(), missing.end(), [](int64_t count) { return count == 0; });
  };
  for (bool more = true; more && !all_found();) {
    if (IsStopped(stop)) return Stopped();
    Block block;
    FOREBAY_ASSIGN(more, source.Next(&block));
    for (size_t i = 0; i < block.records.size(); ++i) {
      const GeneratedRecord record = block.records.at(i);
      if (!Has(receipt.tables[block.table].sequences, record.sequence)) continue;
      sums[block.table] += HashSent(record.sequence, record.value);
      --missing[block.table];
    }
  }
  bool same = all_found();
  for (size_t i = 0; i < sums.size(); ++i) same = same && sums[i] == receipt.tables[i].sent_sum;
  if (same) return Ok();
  return InvalidArgumentError(fmt::format(
      "these are not the records of run {}, which began with other ones: repeat its options, with "
      "the same input",
      receipt.run));
}

Result<std::vector<kafka::TopicInfo>> PrepareTopics(const PlanText& text, const std::string& brokers,
                                                    const kafka::ClientConfig& config, kafka::Admin& admin,
                                                    Plan* plan) {
  FOREBAY_ASSIGN(std::vector<kafka::TopicInfo> topics,
                 FindTopics(admin, text.contract, brokers, plan->topics, &plan->receipt));
  FOREBAY_TRY(plan->resumed ? FindSentRecords(config, admin, topics, plan)
                            : NoteBeginnings(admin, topics, &plan->receipt));
  return topics;
}

}  // namespace forebay::produce
