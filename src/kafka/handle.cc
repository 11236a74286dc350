#include "kafka/handle.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/time.h"
#include "kafka/newer_rdkafka.h"

namespace forebay::kafka {
namespace {

constexpr double kRepeatWarningSeconds = 5;

void OnLog(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  // Connection errors reach the operator through Handle::Note; librdkafka's other messages are for debugging.
  constexpr int kCritical = 2;
  const auto* handle = static_cast<const Handle*>(rd_kafka_opaque(client));
  const std::string line = handle->Redact(text);
  spdlog::log(level <= kCritical ? spdlog::level::err : spdlog::level::debug, "librdkafka {}: {}", facility,
              line);
}

void OnError(rd_kafka_t*, int error, const char* reason, void* opaque) {
  static_cast<Handle*>(opaque)->RecordError(static_cast<rd_kafka_resp_err_t>(error), reason);
}

rd_kafka_resp_err_t OnResponse(rd_kafka_t*, int, const char*, int32_t, int16_t api_key, int16_t, int32_t,
                               size_t size, int64_t, rd_kafka_resp_err_t, void* counter) {
  constexpr int16_t kFetch = 1;
  if (api_key == kFetch)
    static_cast<std::atomic<int64_t>*>(counter)->fetch_add(static_cast<int64_t>(size),
                                                           std::memory_order_relaxed);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t OnNew(rd_kafka_t* client, const rd_kafka_conf_t*, void* counter, char*, size_t) {
  return rd_kafka_interceptor_add_on_response_received(client, "fetched bytes", OnResponse, counter);
}

bool IsRefusal(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__AUTHENTICATION || error == RD_KAFKA_RESP_ERR__SSL ||
         error == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED ||
         error == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
}

// Strips librdkafka's prefix "sasl_plaintext://host:port/bootstrap: "; the line names the brokers already.
std::string ShortReason(const std::string& reason) {
  const size_t colon = reason.find(": ");
  const size_t slashes = reason.find("://");
  std::string text = reason;
  if (colon != std::string::npos && (slashes == std::string::npos || slashes < colon))
    text = reason.substr(colon + 2);
  const size_t counters = text.rfind(" (after ");
  return counters == std::string::npos ? text : text.substr(0, counters);
}

}  // namespace

bool IsTransient(rd_kafka_resp_err_t error) {
  // The client dropped a connection because its list of brokers changed.
  if (error == RD_KAFKA_RESP_ERR__DESTROY_BROKER) return true;
  switch (error) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
      return true;
    default:
      return false;
  }
}

std::string MissingRight(std::string_view right) {
  return fmt::format("; this principal lacks the right {}", right);
}

Result<std::unique_ptr<Handle>> Handle::Open(const ClientConfig& config, const HandleOptions& options) {
  std::unique_ptr<Handle> handle(new Handle(config));
  FOREBAY_TRY(handle->Configure(options));
  return handle;
}

Handle::~Handle() {
  // No consumer close: there is no group to leave, and closing would wait for brokers that may be down.
  if (client_ != nullptr) rd_kafka_destroy_flags(client_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

Status Handle::Configure(const HandleOptions& options) {
  std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)> conf(rd_kafka_conf_new(),
                                                                          rd_kafka_conf_destroy);
  char reason[512] = "";
  auto set = [&](const std::string& key, const std::string& value) -> Status {
    if (rd_kafka_conf_set(conf.get(), key.c_str(), value.c_str(), reason, sizeof reason) == RD_KAFKA_CONF_OK)
      return Ok();
    return InvalidArgumentError(fmt::format("Kafka client setting '{}' refused: {}", key, Redact(reason)));
  };
  FOREBAY_TRY(set("bootstrap.servers", config_.brokers()));
  FOREBAY_TRY(set("client.id", "forebay"));
  // Reconnects within a second or two after a broker returns.
  FOREBAY_TRY(set("reconnect.backoff.ms", "100"));
  FOREBAY_TRY(set("reconnect.backoff.max.ms", "2000"));
  FOREBAY_TRY(set("log.connection.close", "false"));
  FOREBAY_TRY(set("allow.auto.create.topics", "false"));  // only contracts define topics
  for (const auto& [key, value] : options.defaults) FOREBAY_TRY(set(key, value));
  for (const Setting& setting : config_.settings()) FOREBAY_TRY(set(setting.key, setting.value));
  for (const auto& [key, value] : options.fixed) FOREBAY_TRY(set(key, value));
  rd_kafka_conf_set_opaque(conf.get(), this);
  rd_kafka_conf_set_log_cb(conf.get(), OnLog);
  if (options.events != 0) {
    rd_kafka_conf_set_events(conf.get(), options.events);
  } else {
    rd_kafka_conf_set_error_cb(conf.get(), OnError);
  }
  if (options.counts_fetched)
    rd_kafka_conf_interceptor_add_on_new(conf.get(), "fetched bytes", OnNew, &fetched_bytes_);
  client_ = rd_kafka_new(options.type, conf.get(), reason, sizeof reason);
  if (client_ == nullptr) {
    if (std::string_view(reason).find("SASL mechanism GSSAPI") != std::string_view::npos) {
      return InvalidArgumentError(
          "starting the Kafka client failed: its librdkafka has no Kerberos (SASL mechanism GSSAPI); use a "
          "listener of the brokers with SCRAM, PLAIN, OAUTHBEARER or client certificates in --kafka-config");
    }
    return InvalidArgumentError(fmt::format(
        "starting the Kafka client failed: {}; check --brokers and --kafka-config", Redact(reason)));
  }
  static_cast<void>(conf.release());  // rd_kafka_new owns it now
  return Ok();
}

void Handle::RecordError(rd_kafka_resp_err_t error, const std::string& reason) {
  const std::string text = ShortReason(Redact(reason));
  const double now = MonotonicSeconds();
  const std::lock_guard lock(mutex_);
  if (IsRefusal(error)) {
    if (refused_.empty()) refused_ = text;
    if (now - last_other_logged_ >= kRepeatWarningSeconds) {
      warnings_.push_back(
          fmt::format("connection refused by the broker at {} ({}); retrying", config_.brokers(), text));
      last_other_logged_ = now;
    }
  } else if (IsTransient(error)) {
    unreachable_ = true;
    lost_connection_ = true;
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) all_brokers_down_ = true;
    // "1/1 brokers are down" and "timed out" add nothing to the line.
    if (error != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && error != RD_KAFKA_RESP_ERR__TIMED_OUT)
      last_reason_ = text;
    if (now - last_error_logged_ >= kRepeatWarningSeconds) {
      warnings_.push_back(WaitingLineLocked());
      last_error_logged_ = now;
    }
  } else if (now - last_other_logged_ >= kRepeatWarningSeconds) {
    warnings_.push_back(fmt::format("the Kafka client reports: {} ({})", text, rd_kafka_err2name(error)));
    last_other_logged_ = now;
  }
}

void Handle::RecordRecovery() {
  const std::lock_guard lock(mutex_);
  unreachable_ = all_brokers_down_ = false;
  last_reason_.clear();
  last_error_logged_ = -1e9;
  warnings_.push_back(fmt::format("broker {} answers again", config_.brokers()));
}

std::string Handle::WaitingLine() const {
  const std::lock_guard lock(mutex_);
  return WaitingLineLocked();
}

std::string Handle::WaitingLineLocked() const {
  return fmt::format("broker {} does not answer{}, waiting", config_.brokers(),
                     last_reason_.empty() ? "" : fmt::format(" ({})", last_reason_));
}

std::vector<std::string> Handle::DrainWarnings() {
  const std::lock_guard lock(mutex_);
  return std::exchange(warnings_, {});
}

std::optional<Error> Handle::Refused() const {
  const std::lock_guard lock(mutex_);
  if (refused_.empty()) return std::nullopt;
  return UnavailableError(fmt::format("connection refused by the broker at {} ({}); check --kafka-config",
                                      config_.brokers(), refused_));
}

}  // namespace forebay::kafka
