#include "kafka/producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "kafka/handle.h"

namespace forebay::kafka {
namespace {

constexpr size_t kMaxHeaders = 4;

HandleOptions MakeHandleOptions(const ProducerOptions& options) {
  HandleOptions handle;
  handle.type = RD_KAFKA_PRODUCER;
  handle.events = RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR;
  handle.defaults = {
      {"compression.type", "zstd"},
      {"compression.level", "1"},
      {"linger.ms", std::to_string(options.linger_ms)},
      {"queue.buffering.max.messages", "1000000"},
      {"queue.buffering.max.kbytes", "1048576"},
      // Small requests that are sent in time: the queue before the socket should not hide a slow broker.
      {"queue.buffering.backpressure.threshold", "1"},
  };
  handle.fixed = {
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"partitioner", "murmur2_random"},
      {"message.timeout.ms", std::to_string(options.delivery_timeout_ms)},
      {"batch.size", std::to_string(std::clamp<int64_t>(options.batch_bytes, 1, 2'147'483'647))},
      {"batch.num.messages", "1000000"},
      // The broker decides whether a record is too large, after compression.
      {"message.max.bytes", "100000000"},
  };
  return handle;
}

DeliveryOutcome OutcomeOf(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) return DeliveryOutcome::kAcknowledged;
  return rd_kafka_message_status(&message) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED ? DeliveryOutcome::kFailed
                                                                                : DeliveryOutcome::kUncertain;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> ProducerSettings(const ClientConfig& config,
                                                                  const ProducerOptions& options) {
  const HandleOptions handle = MakeHandleOptions(options);
  Settings settings = handle.defaults;
  for (const Setting& setting : config.settings()) settings.emplace_back(setting.key, setting.value);
  settings.insert(settings.end(), handle.fixed.begin(), handle.fixed.end());
  settings.emplace_back("bootstrap.servers", config.brokers());
  return settings;
}

// _PURGE_QUEUE is not certain: a record whose request got no answer is back in the queue, and the broker may
// have it.
DeliveryOutcome OutcomeOfError(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return DeliveryOutcome::kAcknowledged;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      return DeliveryOutcome::kFailed;
    default:
      return DeliveryOutcome::kUncertain;
  }
}

// Wakes the thread that waits for an event in any client's queue.
class Producer::EventSignal {
 public:
  // For rd_kafka_queue_cb_event_enable: called when an empty queue receives an event.
  static void Ring(rd_kafka_t*, void* bell) { static_cast<EventSignal*>(bell)->Ring(); }

  // Call before polling the queues, so that no event between that and Wait is missed.
  void Reset() {
    const std::lock_guard lock(mutex_);
    rung_ = false;
  }
  // Whether an event arrived since Reset, or arrives before the timeout.
  bool Wait(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [&] { return rung_; });
  }

 private:
  void Ring() {
    {
      const std::lock_guard lock(mutex_);
      rung_ = true;
    }
    changed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool rung_ = false;
};

// An instance of librdkafka and its resources.
struct Producer::Client {
  explicit Client(std::unique_ptr<Handle> opened)
      : handle(std::move(opened)), queue(rd_kafka_queue_get_main(handle->raw())) {}
  ~Client() {
    rd_kafka_queue_cb_event_enable(queue.get(), nullptr, nullptr);
    Purge();
  }
  void Purge() { rd_kafka_purge(handle->raw(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT); }

  std::unique_ptr<Handle> handle;  // destroyed last
  OwnedQueue queue;
  std::vector<OwnedTopic> topics;
};

struct Producer::PolledEvent {
  OwnedEvent event;  // null: none came within the timeout
  Client* client = nullptr;
};

Result<std::unique_ptr<Producer>> Producer::Open(const ClientConfig& config, const ProducerOptions& options) {
  FOREBAY_ASSERT(!options.topics.empty() && options.clients > 0);
  std::unique_ptr<Producer> producer(new Producer);
  for (int i = 0; i < options.clients; ++i) {
    FOREBAY_ASSIGN(auto handle, Handle::Open(config, MakeHandleOptions(options)));
    auto client = std::make_unique<Client>(std::move(handle));
    rd_kafka_queue_cb_event_enable(client->queue.get(), EventSignal::Ring, producer->bell_.get());
    for (const std::string& topic : options.topics) {
      client->topics.emplace_back(rd_kafka_topic_new(client->handle->raw(), topic.c_str(), nullptr));
      if (client->topics.back() == nullptr) {
        return InvalidArgumentError(
            fmt::format("opening topic {} failed: {}", topic, rd_kafka_err2str(rd_kafka_last_error())));
      }
    }
    producer->clients_.push_back(std::move(client));
  }
  return producer;
}

Producer::Producer() : bell_(std::make_unique<EventSignal>()) {}

Producer::~Producer() = default;

// All clients have the same brokers: one client's warnings suffice.
Handle& Producer::PrimaryHandle() {
  return *clients_.front()->handle;
}

// Uses the hash that also chooses the partition. If the number of partitions is a multiple of that of the
// clients, each partition belongs to one client, and its batches are as large as with a single client.
Producer::Client& Producer::ClientFor(const Outgoing& record) {
  if (clients_.size() == 1 || record.key.data() == nullptr) return *clients_.front();
  return *clients_[static_cast<size_t>(
      rd_kafka_msg_partitioner_murmur2(nullptr, record.key.data(), record.key.size(),
                                       static_cast<int32_t>(clients_.size()), nullptr, nullptr))];
}

SendOutcome Producer::Send(const Outgoing& record, std::string* reason) {
  std::array<rd_kafka_vu_t, 6 + kMaxHeaders> parts;
  size_t count = 0;
  auto next = [&](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
    parts[count].vtype = type;
    return parts[count++];
  };
  const Client& client = ClientFor(record);
  FOREBAY_ASSERT(record.topic < client.topics.size() && record.header_count <= kMaxHeaders);
  next(RD_KAFKA_VTYPE_RKT).u.rkt = client.topics[record.topic].get();
  auto& value = next(RD_KAFKA_VTYPE_VALUE).u.mem;
  value.ptr = const_cast<char*>(record.value.data());
  value.size = record.value.size();
  if (record.key.data() != nullptr) {
    auto& key = next(RD_KAFKA_VTYPE_KEY).u.mem;
    key.ptr = const_cast<char*>(record.key.data());
    key.size = record.key.size();
  }
  next(RD_KAFKA_VTYPE_TIMESTAMP).u.i64 = record.timestamp_ms;
  next(RD_KAFKA_VTYPE_OPAQUE).u.ptr = reinterpret_cast<void*>(record.ticket);
  for (size_t i = 0; i < record.header_count; ++i) {
    auto& header = next(RD_KAFKA_VTYPE_HEADER).u.header;
    header.name = record.headers[i].name;
    header.val = record.headers[i].value.data();
    header.size = static_cast<ssize_t>(record.headers[i].value.size());
  }
  const OwnedError error(rd_kafka_produceva(client.handle->raw(), parts.data(), count));
  if (error == nullptr) return SendOutcome::kTaken;
  if (rd_kafka_error_code(error.get()) == RD_KAFKA_RESP_ERR__QUEUE_FULL) return SendOutcome::kFull;
  *reason = client.handle->Redact(rd_kafka_error_string(error.get()));
  return SendOutcome::kRefused;
}

Producer::PolledEvent Producer::NextEvent(int timeout_ms) {
  do {
    bell_->Reset();
    for (size_t i = 0; i < clients_.size(); ++i) {
      turn_ = (turn_ + 1) % clients_.size();
      Client* client = clients_[turn_].get();
      OwnedEvent event(rd_kafka_queue_poll(client->queue.get(), 0));
      if (event != nullptr) return {std::move(event), client};
    }
  } while (bell_->Wait(std::chrono::milliseconds(timeout_ms)));
  return {};
}

Status Producer::PollDeliveries(std::vector<Delivery>* out, int timeout_ms) {
  out->clear();
  Status status;
  for (;;) {
    const PolledEvent polled = NextEvent(timeout_ms);
    rd_kafka_event_t* event = polled.event.get();
    if (event == nullptr) return status;
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR) {
      AcceptReports(event, out);
      return status;
    }
    if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_ERROR) continue;
    const auto error = rd_kafka_event_error(event);
    if (error == RD_KAFKA_RESP_ERR__FATAL || rd_kafka_event_error_is_fatal(event)) {
      char text[512] = "";
      const Handle& handle = *polled.client->handle;
      const auto fatal = rd_kafka_fatal_error(handle.raw(), text, sizeof text);
      status = UnavailableError(
          fmt::format("the producer cannot go on: {} ({})", handle.Redact(text), rd_kafka_err2name(fatal)));
    } else {
      PrimaryHandle().RecordError(error, rd_kafka_event_error_string(event));
      return status;
    }
  }
}

void Producer::AcceptReports(rd_kafka_event_t* event, std::vector<Delivery>* out) {
  while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
    const DeliveryOutcome outcome = OutcomeOf(*message);
    if (outcome == DeliveryOutcome::kAcknowledged) PrimaryHandle().RecordAnswer();
    out->push_back({reinterpret_cast<uint64_t>(message->_private), outcome, PartitionId(message->partition),
                    Offset(message->offset), message->err});
  }
}

void Producer::Purge() {
  for (const auto& client : clients_) client->Purge();
}

std::vector<std::string> Producer::DrainWarnings() {
  return PrimaryHandle().DrainWarnings();
}

std::string Producer::Describe(rd_kafka_resp_err_t error) const {
  return fmt::format("{} ({})", rd_kafka_err2str(error), rd_kafka_err2name(error));
}

}  // namespace forebay::kafka
