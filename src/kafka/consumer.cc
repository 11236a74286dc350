#include "kafka/consumer.h"

#include <fmt/format.h>

#include <algorithm>

#include "kafka/handle.h"

namespace forebay::kafka {
namespace {

constexpr int kWatermarkTimeoutMs = 5'000;

// Compressed bytes: JSON grows tenfold when it is unpacked, and a full queue is exceeded by one fetch, so
// that one should not be larger, unpacked, than the queue.
int64_t FetchBytes(int64_t queue_bytes) {
  constexpr int64_t kLeast = 1'000'000;  // librdkafka's least
  constexpr int64_t kMost = 2 * 1024 * 1024;
  return std::clamp(queue_bytes / 12, kLeast, kMost);
}

HandleOptions MakeHandleOptions(const ConsumerOptions& options) {
  const int64_t fetch_bytes = FetchBytes(options.queue_bytes);
  HandleOptions handle;
  handle.type = RD_KAFKA_CONSUMER;
  handle.defaults = {
      {"fetch.wait.max.ms", "100"},  // an idle partition's end is known this soon
      {"fetch.message.max.bytes", std::to_string(fetch_bytes / 8)},
      {"fetch.max.bytes", std::to_string(fetch_bytes)},
      // A zstd batch rarely says how large it is unpacked. librdkafka tries twice its size, then three times
      // that, and so on up to this; a batch of up to a third of it always meets one of the tries.
      {"receive.message.max.bytes", "300000000"},
  };
  handle.fixed = {
      {"group.id", options.group_id},
      {"isolation.level",
       options.isolation == Isolation::kReadCommitted ? "read_committed" : "read_uncommitted"},
      {"auto.offset.reset", "error"},
      {"check.crcs", "true"},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"enable.partition.eof", "true"},
      {"fetch.queue.backoff.ms", "5"},
      {"queued.min.messages", "1000000"},  // the bytes are what limits the queue
      {"queued.max.messages.kbytes", std::to_string(std::max<int64_t>(options.queue_bytes / 1024, 1))},
  };
  return handle;
}

}  // namespace

void MessageBatch::Clear() {
  for (rd_kafka_message_t* message : owned_) rd_kafka_message_destroy(message);
  owned_.clear();
  messages_.clear();
  bytes_ = 0;
}

void MessageBatch::Swap(MessageBatch& other) noexcept {
  messages_.swap(other.messages_);
  owned_.swap(other.owned_);
  std::swap(bytes_, other.bytes_);
}

Result<std::unique_ptr<Consumer>> Consumer::Open(const ClientConfig& config, const ConsumerOptions& options) {
  FOREBAY_ASSERT(!options.topics.empty());
  FOREBAY_ASSIGN(auto handle, Handle::Open(config, MakeHandleOptions(options)));
  rd_kafka_poll_set_consumer(handle->raw());
  return std::unique_ptr<Consumer>(new Consumer(std::move(handle), options));
}

Consumer::Consumer(std::unique_ptr<Handle> handle, ConsumerOptions options)
    : handle_(std::move(handle)),
      options_(std::move(options)),
      queue_(rd_kafka_queue_get_consumer(handle_->raw())),
      index_of_(options_.topics.size()),
      topic_of_(options_.topics.size(), nullptr) {}

Consumer::~Consumer() {
  rd_kafka_queue_destroy(queue_);
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
  const OwnedOffsets list(rd_kafka_topic_partition_list_new(static_cast<int>(starts.size())));
  for (const Position& start : starts) {
    FOREBAY_ASSERT(start.topic < options_.topics.size() && start.offset.value() >= 0);
    rd_kafka_topic_partition_list_add(list.get(), options_.topics[start.topic].c_str(),
                                      start.partition.value())
        ->offset = start.offset.value();
    auto& partitions = index_of_[start.topic];
    const auto partition = static_cast<size_t>(start.partition.value());
    if (partitions.size() <= partition) partitions.resize(partition + 1, -1);
    FOREBAY_ASSERT(partitions[partition] == -1);
    partitions[partition] = static_cast<int32_t>(positions_.size());
    positions_.push_back(start);
    positions_.back().at_end = false;
  }
  std::string reason;
  if (incremental) {
    const OwnedError error(rd_kafka_incremental_assign(handle_->raw(), list.get()));
    if (error != nullptr) reason = rd_kafka_error_string(error.get());
  } else if (const auto error = rd_kafka_assign(handle_->raw(), list.get());
             error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    reason = rd_kafka_err2str(error);
  }
  if (!reason.empty())
    return WorldError("the Kafka client does not take the assignment: " + handle_->Redact(reason));
  return Ok();
}

Status Consumer::Poll(MessageBatch* out, int timeout_ms) {
  out->Clear();
  if (!failure_.empty()) return failure_.front();
  out->owned_.resize(options_.max_poll_records);
  const ssize_t count =
      rd_kafka_consume_batch_queue(queue_, timeout_ms, out->owned_.data(), options_.max_poll_records);
  if (count < 0) {
    out->owned_.clear();
    return WorldError(std::string("consuming failed: ") + rd_kafka_err2str(rd_kafka_last_error()));
  }
  out->messages_.reserve(static_cast<size_t>(count));
  size_t kept = 0;
  for (ssize_t i = 0; i < count; ++i) {
    rd_kafka_message_t* message = out->owned_[i];
    if (failure_.empty() && TakeIn(message, out)) {
      out->owned_[kept++] = message;
    } else {
      rd_kafka_message_destroy(message);
    }
  }
  out->owned_.resize(kept);
  if (count > 0) handle_->NoteAnswer();
  if (kept == 0 && !failure_.empty()) return failure_.front();
  return Ok();
}

// The index into positions_, or -1 for a message of no partition that is assigned.
int32_t Consumer::PositionIndex(const rd_kafka_message_t& message) {
  if (message.rkt == nullptr) return -1;
  if (message.rkt != last_topic_) {
    // The client has one object for each topic as long as it lives; there are few topics.
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

// True when the message is a record and is now in `out`.
bool Consumer::TakeIn(rd_kafka_message_t* message, MessageBatch* out) {
  const int32_t index = PositionIndex(*message);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    TakeError(*message, index);
    return false;
  }
  if (index < 0) return false;
  Position& position = positions_[static_cast<size_t>(index)];
  if (message->offset < position.offset.value()) {
    failure_.push_back(WorldError(fmt::format(
        "the broker delivered offset {} of {} partition {} where {} was to come next; was the topic made "
        "again?",
        message->offset, options_.topics[position.topic], message->partition, position.offset.value())));
    return false;
  }
  position.offset = Offset(message->offset + 1);
  position.at_end = false;
  rd_kafka_timestamp_type_t timestamp_type;
  out->messages_.push_back({position.topic,
                            position.partition,
                            Offset(message->offset),
                            rd_kafka_message_timestamp(message, &timestamp_type),
                            {static_cast<const char*>(message->key), message->key_len},
                            {static_cast<const char*>(message->payload), message->len}});
  out->bytes_ += message->key_len + message->len;
  return true;
}

void Consumer::TakeError(const rd_kafka_message_t& message, int32_t index) {
  const rd_kafka_resp_err_t error = message.err;
  if (error == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    if (index < 0) return;
    Position& position = positions_[static_cast<size_t>(index)];
    position.offset = std::max(position.offset, Offset(message.offset));
    position.at_end = true;
    return;
  }
  const std::string text = rd_kafka_message_errstr(&message);
  if (IsTransient(error)) {
    handle_->Note(error, text);
    return;
  }
  const std::string why = handle_->Redact(text);
  if (index < 0) {
    failure_.push_back(WorldError(fmt::format("consuming failed: {}", why)));
    return;
  }
  const Position& position = positions_[static_cast<size_t>(index)];
  const std::string& topic = options_.topics[position.topic];
  if (error == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || error == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
    StopOutOfRange(position);
  } else if (error == RD_KAFKA_RESP_ERR__BAD_MSG) {
    StopAtBatch(
        position, fmt::format("is damaged at the broker ({})", why),
        "let a replica with good bytes lead; or give the batch up: delete the partition's records up to its "
        "end, and land with --accept-loss");
  } else if (error == RD_KAFKA_RESP_ERR__BAD_COMPRESSION) {
    StopAtBatch(position, fmt::format("cannot be unpacked ({})", why),
                "it is probably larger, unpacked, than a third of receive.message.max.bytes: raise that in "
                "--kafka-config");
  } else {
    failure_.push_back(WorldError(fmt::format("consuming {} partition {} failed at offset {}: {}", topic,
                                              position.partition.value(), position.offset.value(), why)));
  }
}

void Consumer::StopAtBatch(const Position& position, std::string_view problem, std::string_view way_out) {
  stopped_at_a_record_ = true;
  failure_.push_back(WorldError(fmt::format(
      "a record batch of {} partition {} at or after offset {} {}, and nothing beyond it was taken; {}",
      options_.topics[position.topic], position.partition.value(), position.offset.value(), problem,
      way_out)));
}

void Consumer::StopOutOfRange(const Position& position) {
  const std::string& topic = options_.topics[position.topic];
  int64_t earliest = -1;
  int64_t latest = -1;
  const auto error = rd_kafka_query_watermark_offsets(
      handle_->raw(), topic.c_str(), position.partition.value(), &earliest, &latest, kWatermarkTimeoutMs);
  const std::string where = fmt::format("{} partition {}", topic, position.partition.value());
  const int64_t next = position.offset.value();
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    failure_.push_back(WorldError(fmt::format(
        "offset {} of {} is not at the broker (records expired, or the topic was made again)", next, where)));
  } else if (next > latest) {
    failure_.push_back(WorldError(
        fmt::format("offset {} of {} lies beyond the broker's last offset {}: the topic was made again, "
                    "or the broker lost records",
                    next, where, latest)));
  } else {
    stopped_at_a_record_ = true;
    failure_.push_back(WorldError(
        fmt::format("records of {} expired before they were read: offset {} was to come next, and the "
                    "earliest that the broker still has is {}",
                    where, next, earliest)));
  }
}

std::vector<std::string> Consumer::TakeWarnings() {
  return handle_->TakeWarnings();
}

void Consumer::CommitForLagTools(const std::vector<Position>& positions, int wait_ms) {
  const OwnedOffsets list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
  for (const Position& position : positions) {
    rd_kafka_topic_partition_list_add(list.get(), options_.topics[position.topic].c_str(),
                                      position.partition.value())
        ->offset = position.offset.value();
  }
  const OwnedQueue answer(rd_kafka_queue_new(handle_->raw()));
  const auto error = rd_kafka_commit_queue(handle_->raw(), list.get(), answer.get(), nullptr, nullptr);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR && wait_ms > 0) {
    const OwnedEvent event(rd_kafka_queue_poll(answer.get(), wait_ms));
  }
}

}  // namespace forebay::kafka
