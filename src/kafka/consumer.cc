#include "kafka/consumer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "base/time.h"
#include "kafka/handle.h"
#include "kafka/newer_rdkafka.h"

namespace forebay::kafka {
namespace {

constexpr int kWatermarkTimeoutMs = 5'000;
constexpr int kCommitPollMs = 10;
// librdkafka assigns partitions only to clients with a group, and looks for its coordinator.
constexpr const char* kUnusedGroup = "forebay";

// Whether the settings file sets the fetch size.
bool OverrideFetchSize(const ClientConfig& config) {
  return std::any_of(config.settings().begin(), config.settings().end(), [](const Setting& setting) {
    return setting.key == "fetch.max.bytes" || setting.key == "fetch.message.max.bytes" ||
           setting.key == "max.partition.fetch.bytes" || setting.key == "fetch.min.bytes";
  });
}

HandleOptions MakeHandleOptions(const ConsumerOptions& options, const AdaptiveFetchPolicy& policy,
                                size_t partitions) {
  HandleOptions handle;
  handle.type = RD_KAFKA_CONSUMER;
  handle.counts_fetched = true;
  handle.defaults = {
      {"fetch.wait.max.ms", "100"},  // bounds the time until an idle partition's end is known
      {"fetch.message.max.bytes", std::to_string(policy.fetch_bytes() / 8)},
      {"fetch.max.bytes", std::to_string(policy.fetch_bytes())},
      // A zstd batch rarely states its unpacked size. librdkafka tries twice the packed size, then three
      // times, and so on up to this limit. A batch of up to a third of the limit always fits one of the
      // tries.
      {"receive.message.max.bytes", "300000000"},
  };
  handle.fixed = {
      {"group.id", options.group_id.empty() ? kUnusedGroup : options.group_id},
      {"isolation.level",
       options.isolation == Isolation::kReadCommitted ? "read_committed" : "read_uncommitted"},
      {"auto.offset.reset", "error"},
      {"check.crcs", "true"},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"enable.partition.eof", "true"},
      {"fetch.queue.backoff.ms", "5"},
      {"message.max.bytes", "1000"},  // the minimum of fetch.max.bytes
      {"queued.min.messages", std::to_string(policy.queue_records(partitions))},
      {"queued.max.messages.kbytes", std::to_string(std::max<int64_t>(policy.queue_bytes() / 1024, 1))},
  };
  return handle;
}

OwnedOffsets OffsetsOf(const std::vector<std::string>& topics, const std::vector<Position>& positions) {
  OwnedOffsets list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
  for (const Position& position : positions) {
    rd_kafka_topic_partition_t* const added = rd_kafka_topic_partition_list_add(
        list.get(), topics[position.topic].c_str(), position.partition.value());
    added->offset = position.offset.value();
    if (position.leader_epoch)
      rd_kafka_topic_partition_set_leader_epoch(added, position.leader_epoch->value());
  }
  return list;
}

}  // namespace

Result<std::unique_ptr<Consumer>> Consumer::Open(const ClientConfig& config, const ConsumerOptions& options) {
  FOREBAY_ASSERT(!options.topics.empty());
  std::unique_ptr<Consumer> consumer(new Consumer(config, options));
  FOREBAY_TRY(consumer->Connect());
  return consumer;
}

Consumer::Consumer(const ClientConfig& config, ConsumerOptions options)
    : config_(config),
      options_(std::move(options)),
      fetch_policy_({.queue_bytes = options_.queue_bytes,
                     .max_poll_records = options_.max_poll_records,
                     .fixed_fetch_size = OverrideFetchSize(config)}),
      index_of_(options_.topics.size()),
      topic_of_(options_.topics.size(), nullptr) {}

Consumer::~Consumer() = default;

// On an error the previous client stays.
Status Consumer::Connect() {
  FOREBAY_ASSIGN(auto client,
                 Handle::Open(config_, MakeHandleOptions(options_, fetch_policy_, positions_.size())));
  queue_.reset();
  commits_.reset();
  client_ = std::move(client);
  commits_.reset(rd_kafka_queue_new(client_->raw()));
  unanswered_commits_ = 0;
  rd_kafka_poll_set_consumer(client_->raw());
  queue_.reset(rd_kafka_queue_get_consumer(client_->raw()));
  fetched_bytes_ = 0;
  std::fill(topic_of_.begin(), topic_of_.end(), nullptr);
  last_topic_ = nullptr;
  return Ok();
}

Status Consumer::Assign(const std::vector<Position>& starts) {
  positions_.clear();
  for (auto& partitions : index_of_) partitions.clear();
  return ApplyAssignment(starts, false);
}

Status Consumer::Add(const std::vector<Position>& starts) {
  return ApplyAssignment(starts, true);
}

Status Consumer::ApplyAssignment(const std::vector<Position>& starts, bool incremental) {
  for (const Position& start : starts) {
    FOREBAY_ASSERT(start.topic < options_.topics.size() && start.offset.value() >= 0);
    auto& partitions = index_of_[start.topic];
    const auto partition = static_cast<size_t>(start.partition.value());
    if (partitions.size() <= partition) partitions.resize(partition + 1, -1);
    FOREBAY_ASSERT(partitions[partition] == -1);
    partitions[partition] = static_cast<int32_t>(positions_.size());
    positions_.push_back(start);
    positions_.back().at_end = false;
  }
  return AssignToClient(starts, incremental);
}

Status Consumer::AssignToClient(const std::vector<Position>& starts, bool incremental) {
  const OwnedOffsets list = OffsetsOf(options_.topics, starts);
  std::string reason;
  if (incremental) {
    const OwnedError error(rd_kafka_incremental_assign(client_->raw(), list.get()));
    if (error != nullptr) reason = rd_kafka_error_string(error.get());
  } else if (const auto error = rd_kafka_assign(client_->raw(), list.get());
             error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    reason = rd_kafka_err2str(error);
  }
  if (!reason.empty()) return UnavailableError("assigning partitions failed: " + client_->Redact(reason));
  return Ok();
}

Status Consumer::Poll(MessageBatch* out, int timeout_ms) {
  out->Clear();
  if (!failure_.empty()) return failure_.front();
  out->owned_.resize(fetch_policy_.poll_records());
  const ssize_t count =
      rd_kafka_consume_batch_queue(queue_.get(), timeout_ms, out->owned_.data(), out->owned_.size());
  if (count < 0) {
    out->owned_.clear();
    return UnavailableError(std::string("consuming failed: ") + rd_kafka_err2str(rd_kafka_last_error()));
  }
  out->client_ = client_;
  out->messages_.reserve(static_cast<size_t>(count));
  size_t kept = 0;
  for (ssize_t i = 0; i < count; ++i) {
    rd_kafka_message_t* message = out->owned_[i];
    if (failure_.empty() && AcceptMessage(message, out)) {
      out->owned_[kept++] = message;
    } else {
      rd_kafka_message_destroy(message);
    }
  }
  out->owned_.resize(kept);
  if (count > 0) client_->RecordAnswer();
  if (kept > 0) {
    out->after_lost_connection_ = client_->TakeLostConnection() || lost_connection_;
    lost_connection_ = false;
  }
  if (!failure_.empty()) return kept == 0 ? Status(failure_.front()) : Ok();
  if (const Status status = AdaptFetches(*out); !status.ok()) failure_.push_back(status.error());
  return Ok();
}

Status Consumer::AdaptFetches(const MessageBatch& polled) {
  const int64_t fetched = client_->fetched_bytes();
  const FetchSample sample{.packed_bytes = fetched - std::exchange(fetched_bytes_, fetched),
                           .records = static_cast<int64_t>(polled.size()),
                           .record_bytes = static_cast<int64_t>(polled.bytes())};
  return fetch_policy_.Observe(sample) ? Reconnect() : Ok();
}

// Records that the old client fetched and Poll did not return are fetched again.
Status Consumer::Reconnect() {
  spdlog::debug("consumer: fetch size changed to {} bytes; reconnecting", fetch_bytes());
  for (std::string& warning : client_->DrainWarnings()) warnings_.push_back(std::move(warning));
  lost_connection_ = client_->TakeLostConnection() || lost_connection_;
  // Batches may keep the client alive, but should not keep its queue.
  rd_kafka_assign(client_->raw(), nullptr);
  FOREBAY_TRY(Connect());
  return AssignToClient(positions_, false);
}

// Returns the index into positions_, or -1 if the message's partition is not assigned.
int32_t Consumer::PositionIndex(const rd_kafka_message_t& message) {
  if (message.rkt == nullptr) return -1;
  if (message.rkt != last_topic_) {
    // The client keeps one object for each topic throughout its life; there are few topics.
    auto known = std::find(topic_of_.begin(), topic_of_.end(), message.rkt);
    if (known == topic_of_.end()) {
      const auto name =
          std::find(options_.topics.begin(), options_.topics.end(), rd_kafka_topic_name(message.rkt));
      if (name == options_.topics.end()) return -1;
      known = topic_of_.begin() + (name - options_.topics.begin());
      *known = message.rkt;
    }
    last_topic_ = message.rkt;
    last_topic_index_ = static_cast<uint32_t>(known - topic_of_.begin());
  }
  const auto& partitions = index_of_[last_topic_index_];
  const auto partition = static_cast<size_t>(message.partition);
  return partition < partitions.size() ? partitions[partition] : -1;
}

// Returns true if the message is a record; it is then in `out`.
bool Consumer::AcceptMessage(rd_kafka_message_t* message, MessageBatch* out) {
  const int32_t index = PositionIndex(*message);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    AcceptError(*message, index);
    return false;
  }
  if (index < 0) return false;
  Position& position = positions_[static_cast<size_t>(index)];
  if (message->offset < position.offset.value()) {
    failure_.push_back(UnavailableError(fmt::format(
        "unexpected offset {} of {} partition {} from the broker: the next one is {}; check whether "
        "the topic was recreated",
        message->offset, options_.topics[position.topic], message->partition, position.offset.value())));
    return false;
  }
  position.offset = Offset(message->offset + 1);
  position.at_end = false;
  const LeaderEpoch leader_epoch(rd_kafka_message_leader_epoch(message));
  position.leader_epoch = leader_epoch.value() < 0 ? std::nullopt : std::optional(leader_epoch);
  rd_kafka_timestamp_type_t timestamp_type;
  out->messages_.push_back({position.topic,
                            position.partition,
                            Offset(message->offset),
                            rd_kafka_message_timestamp(message, &timestamp_type),
                            {static_cast<const char*>(message->key), message->key_len},
                            {static_cast<const char*>(message->payload), message->len},
                            leader_epoch,
                            message});
  out->bytes_ += message->key_len + message->len;
  return true;
}

void Consumer::AcceptError(const rd_kafka_message_t& message, int32_t index) {
  const rd_kafka_resp_err_t error = message.err;
  if (error == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    if (index < 0) return;
    Position& position = positions_[static_cast<size_t>(index)];
    if (position.offset < Offset(message.offset)) {
      position.offset = Offset(message.offset);
      position.leader_epoch.reset();  // of a marker or an aborted record, which are not seen
    }
    position.at_end = true;
    return;
  }
  const std::string text = rd_kafka_message_errstr(&message);
  if (IsTransient(error)) {
    client_->RecordError(error, text);
    return;
  }
  if (error == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) return RefuseGroup();
  const std::string why = client_->Redact(text);
  if (index < 0) {
    failure_.push_back(UnavailableError(fmt::format("consuming failed: {}", why)));
    return;
  }
  failed_position_ = static_cast<size_t>(index);
  const Position& position = positions_[static_cast<size_t>(index)];
  const std::string& topic = options_.topics[position.topic];
  if (why.find("log truncation") != std::string::npos) {  // by its text: the code is that of an offset reset
    StopCutBack(position, why);
  } else if (error == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
             error == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
    StopOutOfRange(position);
  } else if (error == RD_KAFKA_RESP_ERR__BAD_MSG) {
    FailOnBatch(
        position, fmt::format("is damaged at the broker ({})", why),
        "elect a leader whose replica is undamaged; or discard the batch: delete the partition's records up "
        "to its end, and land with --accept-loss");
  } else if (error == RD_KAFKA_RESP_ERR__BAD_COMPRESSION) {
    FailOnBatch(
        position, fmt::format("cannot be decompressed ({})", why),
        "it is probably larger, decompressed, than a third of receive.message.max.bytes: raise that in "
        "--kafka-config");
  } else {
    const bool denied = error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
    failure_.push_back(UnavailableError(
        fmt::format("consuming {} partition {} failed at offset {}: {}{}", topic, position.partition.value(),
                    position.offset.value(), why, denied ? MissingRight("Read on the topic") : "")));
  }
}

// Reading needs no group: the client goes on without it.
void Consumer::RefuseGroup() {
  if (std::exchange(group_refused_, true) || options_.group_id.empty()) return;
  warnings_.push_back(fmt::format(
      "the broker refuses the consumer group '{}': landing continues, but lag tools do not see how far it "
      "is{}; grant it, or choose another group with --consumer-group, or none",
      options_.group_id, MissingRight("Read on the group")));
}

void Consumer::FailOnBatch(const Position& position, std::string_view problem, std::string_view remedy) {
  failed_on_record_ = true;
  failure_.push_back(UnavailableError(
      fmt::format("record batch of {} partition {} at or after offset {} {}; no later record was read; {}",
                  options_.topics[position.topic], position.partition.value(), position.offset.value(),
                  problem, remedy)));
}

void Consumer::StopOutOfRange(const Position& position) {
  const std::string& topic = options_.topics[position.topic];
  int64_t earliest = -1;
  int64_t latest = -1;
  const auto error = rd_kafka_query_watermark_offsets(
      client_->raw(), topic.c_str(), position.partition.value(), &earliest, &latest, kWatermarkTimeoutMs);
  const std::string where = fmt::format("{} partition {}", topic, position.partition.value());
  const int64_t next = position.offset.value();
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    failure_.push_back(UnavailableError(
        fmt::format("offset {} of {} is missing at the broker: records expired, or the topic was recreated",
                    next, where)));
  } else if (next > latest) {
    failed_on_log_ = true;
    failure_.push_back(UnavailableError(
        fmt::format("offset {} of {} lies beyond the broker's last offset {}: the topic was recreated, "
                    "or the broker lost records; run `forebay land` again, which tells how to go on",
                    next, where, latest)));
  } else {
    failed_on_record_ = true;
    failure_.push_back(UnavailableError(
        fmt::format("records of {} expired before they were read: the next offset is {}, and the broker's "
                    "earliest is {}",
                    where, next, earliest)));
  }
}

void Consumer::StopCutBack(const Position& position, const std::string& why) {
  failed_on_log_ = true;
  failure_.push_back(UnavailableError(fmt::format(
      "log of {} partition {} was cut back below offset {}, up to which it was read (an unclean leader "
      "election, "
      "or a restored disk): {}; run `forebay land` again, which tells how to go on",
      options_.topics[position.topic], position.partition.value(), position.offset.value(), why)));
}

std::vector<std::string> Consumer::DrainWarnings() {
  std::vector<std::string> warnings = std::exchange(warnings_, {});
  for (std::string& warning : client_->DrainWarnings()) warnings.push_back(std::move(warning));
  return warnings;
}

void Consumer::CommitOffsetsForLagTools(const std::vector<Position>& positions) {
  AcceptCommits();
  if (options_.group_id.empty() || group_refused_) return;
  const OwnedOffsets list = OffsetsOf(options_.topics, positions);
  const auto error = rd_kafka_commit_queue(client_->raw(), list.get(), commits_.get(), nullptr, nullptr);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) ++unanswered_commits_;
}

void Consumer::AcceptCommits() {
  while (const OwnedEvent answer{rd_kafka_queue_poll(commits_.get(), 0)}) {
    --unanswered_commits_;
    if (rd_kafka_event_error(answer.get()) == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) RefuseGroup();
  }
}

void Consumer::AwaitCommittedOffsets(int wait_ms) {
  const double deadline = MonotonicSeconds() + wait_ms / 1000.0;
  for (AcceptCommits(); unanswered_commits_ > 0 && !group_refused_ && MonotonicSeconds() < deadline;
       AcceptCommits()) {
    // A refusal of the group comes with the records.
    rd_kafka_message_t* message = nullptr;
    if (rd_kafka_consume_batch_queue(queue_.get(), kCommitPollMs, &message, 1) != 1) continue;
    if (message->err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) RefuseGroup();
    rd_kafka_message_destroy(message);
  }
}

}  // namespace forebay::kafka
