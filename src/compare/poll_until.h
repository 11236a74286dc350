// Reads until something is known, however far that is.
#pragma once

#include <spdlog/spdlog.h>

#include <atomic>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "kafka/consumer.h"

namespace forebay {

// Polls until `observe` returns true, which is called after each poll with its messages. kCancelled: `stop`,
// which may be null, is set. kUnavailable: the brokers give no records.
template <typename Observe>
Status PollUntil(kafka::Consumer& consumer, const std::atomic<bool>* stop, const Observe& observe) {
  constexpr int kPollMs = 20;
  constexpr double kSilenceSeconds = 30;
  kafka::MessageBatch batch;
  double last_message = MonotonicSeconds();
  while (true) {
    if (stop != nullptr && stop->load())
      return CancelledError("stopped while the logs were compared with what was landed");
    FOREBAY_TRY(consumer.Poll(&batch, kPollMs));
    if (observe(batch.messages())) return Ok();
    for (const std::string& warning : consumer.DrainWarnings()) spdlog::warn("{}", warning);
    if (!batch.empty()) last_message = MonotonicSeconds();
    if (MonotonicSeconds() - last_message > kSilenceSeconds) {
      return UnavailableError(
          "no records from the brokers to compare with what was landed; check whether all partitions have "
          "leaders");
    }
  }
}

}  // namespace forebay
