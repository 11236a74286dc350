// Admin requests as attempts that are repeated while waiting can help. Used inside this room only.
#pragma once

#include <librdkafka/rdkafka.h>

#include <functional>
#include <string>

#include "base/result.h"
#include "kafka/admin.h"
#include "kafka/handle.h"

namespace forebay::kafka {

inline constexpr int kAttemptMs = 5'000;
inline constexpr int kSliceMs = 100;  // between two looks for a stop

// The outcome of one attempt: its error code and librdkafka's text.
struct RequestOutcome {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string text;
  bool ok() const { return error == RD_KAFKA_RESP_ERR_NO_ERROR; }
};

// Retries until success, until an error that waiting cannot resolve, or until `retry` ends. Logs what it
// waits for. Either `attempt` serves the client's callbacks, or Run serves them between attempts.
class Retrier {
 public:
  // Both must outlive it.
  Retrier(Handle& handle, const RetryOptions& retry);

  // To be called regularly while waiting for an answer; an error ends the wait.
  Status CheckDeadline();
  // `what` begins the error: "describing the topics". `right` is the one that it takes: "Describe on the
  // topic".
  Status Run(const std::string& what, const std::string& right,
             const std::function<Result<RequestOutcome>()>& attempt);
  // Waits for the one event that an admin request puts on `queue`.
  Result<OwnedEvent> Await(rd_kafka_queue_t* queue);

 private:
  bool MayBeOutdated(rd_kafka_resp_err_t error) const;

  Handle& handle_;
  const RetryOptions& retry_;
  const double started_;
  double warned_at_;
  bool waited_ = false;
};

// Options with the time-out of one attempt.
OwnedAdminOptions RequestOptions(Handle& handle);

// The outcome of the request as a whole; the answer may hold more errors.
RequestOutcome EventOutcome(rd_kafka_event_t* event);

}  // namespace forebay::kafka
