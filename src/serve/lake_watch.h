// Keeps an eye on a lake for the page: a thread follows its ledger, another asks the brokers. Whoever answers
// a request takes what they found last, and waits for nothing.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "kafka/client_config.h"
#include "serve/engine_status.h"
#include "status/lake_status.h"

namespace forebay::serve {

struct WatchOptions {
  std::string lake;
  std::optional<kafka::ClientConfig> broker;  // none: no lag
  CompletenessOptions completeness;           // but for now_ms
  std::string engine_status_file;
};

struct LakeView {
  std::optional<LakeStatus> status;  // the last that could be read; none: never yet
  std::string error;                 // why the last look failed; empty when it did not
  EngineStatus engine;
};

// Thread-safe. Looks once a second while somebody asks, every ten seconds otherwise.
class LakeWatch {
 public:
  explicit LakeWatch(WatchOptions options);
  ~LakeWatch();  // waits for a question that is under way, some seconds at most

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
  // Until it is time for the next look: true; false when this object comes to its end.
  bool WaitForNextPoll(int64_t at_least_ms);

  const WatchOptions options_;
  std::mutex mutex_;  // held for copies only
  std::condition_variable changed_;
  std::shared_ptr<const LakeView> view_ = std::make_shared<LakeView>();
  BrokerState brokers_;
  std::vector<LedgerTopic> topics_;
  double asked_at_s_;
  std::atomic<bool> stop_{false};
  std::thread ledger_thread_;
  std::thread broker_thread_;
};

}  // namespace forebay::serve
