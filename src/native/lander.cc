// The lander: opens and recovers the lake, then runs sessions of the pipeline until the landing ends as
// requested.
#include "native/lander.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/descriptors.h"
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
    Committer committer(lake.lake->store(), *lake.ledger);
    Session session(options, std::move(plan).value(), *admin, lake, committer, total);
    const Status ended = session.Run(report);
    total = session.Progress();
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
    spdlog::warn("{}; reading the ledger again", ended.error().message());
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
