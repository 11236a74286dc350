// Ownership of librdkafka's objects, and the one place that receives its logs and connection errors. Used
// inside this room only.
#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "kafka/client_config.h"

namespace forebay::kafka {

template <auto Destroy>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Destroy(object);
  }
};
template <typename T, auto Destroy>
using Owned = std::unique_ptr<T, Deleter<Destroy>>;

using OwnedQueue = Owned<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using OwnedEvent = Owned<rd_kafka_event_t, rd_kafka_event_destroy>;
using OwnedOffsets = Owned<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;
using OwnedError = Owned<rd_kafka_error_t, rd_kafka_error_destroy>;
using OwnedAdminOptions = Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using OwnedTopic = Owned<rd_kafka_topic_t, rd_kafka_topic_destroy>;

// Whether waiting can resolve an error: brokers down, restarting, or electing.
bool IsTransient(rd_kafka_resp_err_t error);

// "; this principal lacks the right Read on the topic": for the end of a sentence about a refusal.
std::string MissingRight(std::string_view right);

using Settings = std::vector<std::pair<std::string, std::string>>;

struct HandleOptions {
  rd_kafka_type_t type = RD_KAFKA_CONSUMER;
  Settings defaults;  // the settings file may override these
  Settings fixed;     // the settings file may not
  int events = 0;     // RD_KAFKA_EVENT_* wanted from the main queue
  bool counts_fetched = false;
};

// A client instance. Collects connection errors from any of librdkafka's threads or callbacks.
class Handle {
 public:
  static Result<std::unique_ptr<Handle>> Open(const ClientConfig& config, const HandleOptions& options);
  ~Handle();
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  rd_kafka_t* raw() const { return client_; }
  const ClientConfig& config() const { return config_; }

  // Records an error event. Thread-safe.
  void RecordError(rd_kafka_resp_err_t error, const std::string& reason);
  // Records that brokers answer. Cheap, for hot paths; thread-safe.
  void RecordAnswer() {
    if (__builtin_expect(unreachable_.load(std::memory_order_relaxed), 0)) RecordRecovery();
  }
  // Whether no broker accepts a connection. Thread-safe.
  bool all_brokers_down() const { return all_brokers_down_.load(std::memory_order_relaxed); }
  // Whether a connection was lost since the last call. Thread-safe.
  bool TakeLostConnection() { return lost_connection_.exchange(false, std::memory_order_relaxed); }
  // Bytes of all answers to fetches so far, if HandleOptions::counts_fetched is set. Thread-safe.
  int64_t fetched_bytes() const { return fetched_bytes_.load(std::memory_order_relaxed); }
  // The operator's line about unresponsive brokers, with the last known reason.
  std::string WaitingLine() const;
  // Returns warnings for the operator, at most one of a kind every five seconds, each once. Thread-safe.
  std::vector<std::string> DrainWarnings();
  // A permanent error recorded since the start: refused credentials, a failing TLS handshake.
  std::optional<Error> Refused() const;
  // Returns librdkafka's text without secrets.
  std::string Redact(std::string text) const { return config_.Redact(std::move(text)); }

 private:
  explicit Handle(ClientConfig config) : config_(std::move(config)) {}
  Status Configure(const HandleOptions& options);
  void RecordRecovery();
  std::string WaitingLineLocked() const;

  ClientConfig config_;
  rd_kafka_t* client_ = nullptr;
  std::atomic<bool> unreachable_{false};
  std::atomic<bool> lost_connection_{false};
  std::atomic<bool> all_brokers_down_{false};
  std::atomic<int64_t> fetched_bytes_{0};
  mutable std::mutex mutex_;  // guards all members below
  std::vector<std::string> warnings_;
  std::string last_reason_;
  std::string refused_;
  double last_error_logged_ = -1e9;
  double last_other_logged_ = -1e9;
};

}  // namespace forebay::kafka
