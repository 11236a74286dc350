#include "serve/lake_watch.h"

#include <pthread.h>

#include <chrono>
#include <utility>

#include "base/time.h"
#include "status/lake_reader.h"

namespace forebay::serve {
namespace {

constexpr int64_t kPollMs = 1000;
constexpr int64_t kIdlePollMs = 10'000;
constexpr double kRecentRequestSeconds = 60;
constexpr int64_t kBrokerTimeoutMs = 4000;
constexpr int64_t kLedgerBusyTimeoutMs = 3000;

}  // namespace

LakeWatch::LakeWatch(WatchOptions options)
    : options_(std::move(options)), requested_at_s_(MonotonicSeconds()) {
  ledger_thread_ = std::thread([this] { FollowLedger(); });
  if (options_.broker) broker_thread_ = std::thread([this] { FollowBrokers(); });
}

LakeWatch::~LakeWatch() {
  {
    const std::lock_guard lock(mutex_);
    stop_.store(true);
  }
  changed_.notify_all();
  ledger_thread_.join();
  if (broker_thread_.joinable()) broker_thread_.join();
}

std::shared_ptr<const LakeView> LakeWatch::Latest() {
  const std::lock_guard lock(mutex_);
  const double now_s = MonotonicSeconds();
  const bool idle = now_s - requested_at_s_ > kRecentRequestSeconds;
  requested_at_s_ = now_s;
  if (idle) changed_.notify_all();
  return view_;
}

bool LakeWatch::WaitForNextPoll(int64_t at_least_ms) {
  std::unique_lock lock(mutex_);
  const auto stopped = [this] { return stop_.load(); };
  if (changed_.wait_for(lock, std::chrono::milliseconds(at_least_ms), stopped)) return false;
  const auto wanted = [&] {
    return stop_.load() || MonotonicSeconds() - requested_at_s_ <= kRecentRequestSeconds;
  };
  changed_.wait_for(lock, std::chrono::milliseconds(kIdlePollMs - at_least_ms), wanted);
  return !stop_.load();
}

void LakeWatch::FollowLedger() {
  pthread_setname_np(pthread_self(), "fb-watch");
  std::unique_ptr<LakeReader> reader;
  const auto poll = [&]() -> Result<LakeStatus> {
    if (reader == nullptr) {
      LedgerOptions ledger;
      ledger.busy_timeout_ms = kLedgerBusyTimeoutMs;
      FOREBAY_ASSIGN(reader, LakeReader::Open(options_.lake, ledger));
    }
    FOREBAY_TRY(reader->Refresh());
    reader->RefreshExamples();
    {
      BrokerQuery broker_query = reader->broker_query();
      const std::lock_guard lock(mutex_);
      broker_query_ = std::move(broker_query);
    }
    const BrokerState brokers = Brokers();
    CompletenessOptions completeness = options_.completeness;
    completeness.ReadClock();
    FOREBAY_ASSIGN(LakeStatus status, reader->Describe(brokers.topics, completeness));
    status.brokers_queried = options_.broker.has_value();
    if (options_.broker) status.brokers = options_.broker->brokers();
    status.broker_error = brokers.error;
    return status;
  };
  do {
    Result<LakeStatus> status = poll();
    if (!status.ok()) reader = nullptr;  // the directory may hold another lake by now
    Publish(std::move(status));
  } while (WaitForNextPoll(kPollMs));
}

void LakeWatch::Publish(Result<LakeStatus> status) {
  auto view = std::make_shared<LakeView>();
  view->engine = ReadEngineStatus(options_.engine_status_file, WallClockMillis());
  if (!status.ok()) view->error = status.error().message();
  const std::lock_guard lock(mutex_);
  view->status = status.ok() ? std::optional(std::move(status).value()) : view_->status;
  view_ = std::move(view);
}

LakeWatch::BrokerState LakeWatch::Brokers() {
  const std::lock_guard lock(mutex_);
  return brokers_;
}

void LakeWatch::FollowBrokers() {
  pthread_setname_np(pthread_self(), "fb-watch-kafka");
  std::unique_ptr<kafka::Admin> admin;
  TopicsAtBrokers before;
  const auto query = [&]() -> Result<TopicsAtBrokers> {
    if (admin == nullptr) {
      FOREBAY_ASSIGN(admin, kafka::Admin::Open(*options_.broker, {kBrokerTimeoutMs, &stop_}));
    }
    BrokerQuery asked;
    {
      const std::lock_guard lock(mutex_);
      asked = broker_query_;
    }
    FOREBAY_ASSIGN(TopicsAtBrokers found, QueryBrokers(asked, *admin));
    DescribeTransactions(*admin, &before, &found);
    before = found;
    return found;
  };
  while (true) {
    Result<TopicsAtBrokers> topics = query();
    const bool ok = topics.ok();
    {
      const std::lock_guard lock(mutex_);
      brokers_.error = ok ? "" : topics.error().message();
      brokers_.topics.reset();
      if (ok) brokers_.topics = std::move(topics).value();
    }
    if (!WaitForNextPoll(ok ? kPollMs : 3 * kPollMs)) return;
  }
}

}  // namespace forebay::serve
