#include "kafka/admin_request.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <string_view>

#include "base/time.h"

namespace forebay::kafka {
namespace {

constexpr double kWarnAfterSeconds = 1;
constexpr double kWarnAgainSeconds = 5;
constexpr double kAnswerSeconds = 1;     // a stopped lander asks once more before it lands what it consumed
constexpr double kOutdatedSeconds = 10;  // a broker that starts may lack some partitions this long

bool Stopped(const RetryOptions& retry) {
  return retry.stop != nullptr && retry.stop->load();
}

Error StoppedWaiting() {
  return CancelledError("stopped while waiting for the broker");
}

}  // namespace

Retrier::Retrier(Handle& handle, const RetryOptions& retry)
    : handle_(handle),
      retry_(retry),
      started_(MonotonicSeconds()),
      warned_at_(started_ - kWarnAgainSeconds + kWarnAfterSeconds) {}

Status Retrier::CheckDeadline() {
  rd_kafka_poll(handle_.raw(), 0);
  handle_.DrainWarnings();  // our own line reports the same
  const double now = MonotonicSeconds();
  if (Stopped(retry_) && now - started_ >= kAnswerSeconds) return StoppedWaiting();
  if (auto refused = handle_.Refused()) return *refused;
  if (now - warned_at_ >= kWarnAgainSeconds) {
    spdlog::warn("{}", handle_.WaitingLine());
    warned_at_ = now;
    waited_ = true;
  }
  const int64_t limit_ms =
      handle_.all_brokers_down() ? std::min(retry_.limit_ms, retry_.limit_while_down_ms) : retry_.limit_ms;
  if (limit_ms >= 0 && (now - started_) * 1000 >= static_cast<double>(limit_ms)) {
    std::string line = handle_.WaitingLine();
    line.resize(line.size() - std::string_view(", waiting").size());
    return UnavailableError(
        fmt::format("{}; timed out after {} s; check that it runs, and --brokers", line, limit_ms / 1000));
  }
  return Ok();
}

Status Retrier::Run(const std::string& what, const std::string& right,
                    const std::function<Result<RequestOutcome>()>& attempt) {
  for (;;) {
    FOREBAY_ASSIGN(const RequestOutcome outcome, attempt());
    if (outcome.ok()) break;
    if (!IsTransient(outcome.error) && !MayBeOutdated(outcome.error)) {
      const bool denied = outcome.error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
      return UnavailableError(fmt::format("{} failed: {} ({}){}", what, handle_.Redact(outcome.text),
                                          rd_kafka_err2name(outcome.error),
                                          denied ? MissingRight(right) : ""));
    }
    handle_.RecordError(outcome.error, outcome.text);
    FOREBAY_TRY(CheckDeadline());
    rd_kafka_poll(handle_.raw(), kSliceMs);
  }
  if (waited_) spdlog::info("broker {} answers", handle_.config().brokers());
  return Ok();
}

Result<OwnedEvent> Retrier::Await(rd_kafka_queue_t* queue) {
  for (;;) {
    OwnedEvent event(rd_kafka_queue_poll(queue, kSliceMs));
    if (event != nullptr) return event;
    FOREBAY_TRY(CheckDeadline());
  }
}

// A broker that has just started may briefly omit partitions from its metadata.
bool Retrier::MayBeOutdated(rd_kafka_resp_err_t error) const {
  return error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION && MonotonicSeconds() - started_ < kOutdatedSeconds;
}

OwnedAdminOptions RequestOptions(Handle& handle) {
  OwnedAdminOptions options(rd_kafka_AdminOptions_new(handle.raw(), RD_KAFKA_ADMIN_OP_ANY));
  char reason[256];
  const auto error =
      rd_kafka_AdminOptions_set_request_timeout(options.get(), kAttemptMs, reason, sizeof reason);
  FOREBAY_ASSERT(error == RD_KAFKA_RESP_ERR_NO_ERROR);
  return options;
}

RequestOutcome EventOutcome(rd_kafka_event_t* event) {
  const auto error = rd_kafka_event_error(event);
  return {error, error == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : rd_kafka_event_error_string(event)};
}

}  // namespace forebay::kafka
