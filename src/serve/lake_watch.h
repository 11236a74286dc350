// Watches a lake for the page: one thread follows its ledger, another queries the brokers. Request handlers
// read the latest result and never wait.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "kafka/client_config.h"
#include "serve/engine_status.h"
#include "status/lake_status.h"

namespace forebay::serve {

struct WatchOptions {
  std::string lake;
  std::optional<kafka::ClientConfig> broker;  // none: no lag
  CompletenessOptions completeness;           // its clock is read at each poll
  std::string engine_status_file;
};

struct LakeView {
  std::optional<LakeStatus> status;  // the last one that could be read; none: no success yet
  std::string error;                 // why the last poll failed; empty if it succeeded
  EngineStatus engine;
};

// Thread-safe. Polls once a second while requests arrive, otherwise every ten seconds.
class LakeWatch {
 public:
  explicit LakeWatch(WatchOptions options);
  ~LakeWatch();  // waits for a running query of the brokers, some seconds at most

  // Never null.
  std::shared_ptr<const LakeView> Latest();

 private:
  struct BrokerState {
    std::optional<TopicsAtBrokers> topics;
    std::string error;
  };

  void FollowLedger();
  void FollowBrokers();
  void Publish(Result<LakeStatus> status);
  BrokerState Brokers();
  // Waits until the next poll is due. Returns true then, and false when the object is being destroyed.
  bool WaitForNextPoll(int64_t at_least_ms);

  const WatchOptions options_;
  std::mutex mutex_;  // held only to copy
  std::condition_variable changed_;
  std::shared_ptr<const LakeView> view_ = std::make_shared<LakeView>();
  BrokerState brokers_;
  BrokerQuery broker_query_;
  double requested_at_s_;
  std::atomic<bool> stop_{false};
  std::thread ledger_thread_;
  std::thread broker_thread_;
};

}  // namespace forebay::serve
