// The lander: opens and recovers the lake, then runs sessions of the pipeline until the landing ends as
// requested.
#include "native/lander.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/descriptors.h"
#include "base/time.h"
#include "commit/commit.h"
#include "commit/start.h"
#include "kafka/admin.h"
#include "ledger/open_lake.h"
#include "native/memory_policy.h"
#include "native/session.h"

namespace forebay {
namespace {

// Each file of a batch stays open until the batch is published. Up to three batches are open at once: one
// with the committer, one waiting for it, one being written.
int64_t MaxOpenDirectories() {
  constexpr int64_t kOthers = 128;  // sockets, libraries, the ledger
  return std::max<int64_t>((RaiseDescriptorLimit() - kOthers) / 3, 1);
}

Status CheckOptions(const LandOptions& options) {
  if (options.memory_limit >= kMinMemoryLimit) return Ok();
  return InvalidArgumentError("--memory-limit is too small: a landing needs at least " +
                              std::to_string(kMinMemoryLimit / 1'000'000) + "MB");
}

bool IsStopped(const LandOptions& options) {
  return options.stop != nullptr && options.stop->load();
}

// Waits a flush interval, or until a stop: then the topics are asked for again.
void AwaitTopics(const LandOptions& options) {
  options.telemetry->phase.store(LandPhase::kLanding);
  const double began_s = MonotonicSeconds();
  while (!IsStopped(options) &&
         (MonotonicSeconds() - began_s) * 1000 < static_cast<double>(options.flush_interval_ms))
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

// The session's outcome. kConflict, if a topic that a pattern matched is gone: the client noticed it first.
Status OutcomeOf(const Status& ended, const LandPlan& plan, kafka::Admin& admin) {
  const auto is_by_pattern = [](const LandTopic& topic) { return !topic.by_name; };
  if (ended.ok() || ended.error().code() != ErrorCode::kUnavailable ||
      std::none_of(plan.topics.begin(), plan.topics.end(), is_by_pattern))
    return ended;
  const Result<TopicChanges> changes = RefreshTopics(plan, admin, KnownPartitions(plan));
  if (!changes.ok() || changes->gone.empty()) return ended;
  WarnOfGone(plan, *changes);
  return Error(ErrorCode::kConflict, ended.error().message());
}

Result<LandProgress> RunSessions(LandOptions options, const ProgressFunction& report) {
  FOREBAY_TRY(CheckOptions(options));
  LandTelemetry& telemetry = *options.telemetry;
  options.max_open_partitions = std::min(options.max_open_partitions, MaxOpenDirectories());

  OpenLakeOptions open{WaitForLock(options.wait_for_lock, options.stop), {}, options.existing};
  open.lake.on_waiting = [&telemetry, log = open.lake.on_waiting] {
    telemetry.phase.store(LandPhase::kWaiting);
    log();
  };
  FOREBAY_ASSIGN(OpenedLake lake, OpenLake(PosixFs(), options.lake, open));
  if (lake.begun) spdlog::info("began a new lake in {}", lake.lake->root());
  telemetry.phase.store(LandPhase::kRecovering);
  Committer recovery(lake.lake->store(), *lake.ledger);
  FOREBAY_ASSIGN(const RecoveryReport recovered, recovery.Recover());
  for (const std::string& sentence : recovered.Summary()) spdlog::info("recovered: {}", sentence);
  FOREBAY_ASSIGN(
      const auto admin,
      kafka::Admin::Open(*options.brokers, {.limit_ms = options.follow ? -1 : 30'000, .stop = options.stop}));
  LandProgress total;
  total.new_lake = lake.begun;
  std::vector<std::string> said;  // warnings
  while (true) {
    telemetry.phase.store(LandPhase::kPreparing);
    Result<LandPlan> plan = PrepareLanding(options, *admin, lake.lake->store(), *lake.ledger);
    if (!plan.ok()) {
      const ErrorCode code = plan.error().code();
      if (code == ErrorCode::kConflict) continue;  // another process began the partitions
      if (code != ErrorCode::kCancelled) return plan.error();
      total.interrupted = !options.follow;  // a stop before the first session, or between two
      return total;
    }
    WarnOnce(*plan, &said);
    if (plan->topics.empty()) {
      if (options.follow) AwaitTopics(options);
      if (!options.follow || IsStopped(options)) return total;
      continue;
    }
    Committer committer(lake.lake->store(), *lake.ledger);
    Session session(options, std::move(plan).value(), *admin, lake, committer, total);
    const Status ended = OutcomeOf(session.Run(report), session.plan(), *admin);
    total = session.Progress();
    if (ended.ok() && session.topics_changed() && !IsStopped(options)) continue;
    if (ended.ok()) {
      total.interrupted = !options.follow && total.reached < total.target;
      return total;
    }
    if (ended.error().code() == ErrorCode::kCancelled) {  // before the last batch could be decided
      spdlog::warn("{}", ended.error().message());
      total.interrupted = true;
      return total;
    }
    if (ended.error().code() != ErrorCode::kConflict) return ended.error();
    spdlog::warn("{}; continuing from the ledger", ended.error().message());
  }
}

}  // namespace

Result<LandProgress> Land(const LandOptions& asked, const ProgressFunction& report) {
  LandOptions options = asked;
  LandTelemetry unread;
  if (options.telemetry == nullptr) options.telemetry = &unread;
  Result<LandProgress> landed = RunSessions(options, report);
  if (!landed.ok() && landed.error().code() == ErrorCode::kCancelled) {  // before anything was planned
    LandProgress nothing;
    nothing.interrupted = !options.follow;
    landed = nothing;
  }
  if (landed.ok()) {
    options.telemetry->phase.store(LandPhase::kEnded);
  } else {
    options.telemetry->Fail(landed.error().message());
  }
  return landed;
}

}  // namespace forebay
