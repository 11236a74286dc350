#include "native/session.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "base/time.h"

namespace forebay {
namespace {

constexpr int kPollMs = 50;
constexpr int kLastCommitMs = 2000;
constexpr double kProgressSeconds = 0.25;

// One for each two cores: a shard has two busy threads.
uint32_t ShardCount() {
  const unsigned cores = std::max(std::thread::hardware_concurrency(), 1u);
  return std::clamp(cores / 2, 1u, 4u);
}

bool SameOffsets(const std::vector<kafka::Position>& a, const std::vector<kafka::Position>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.offset == y.offset; });
}

}  // namespace

Session::Session(const LandOptions& options, LandPlan plan, kafka::Admin& admin, OpenedLake& lake,
                 Committer& committer, const LandProgress& landed)
    : options_(options),
      plan_(std::move(plan)),
      lake_(lake),
      context_(options_, plan_, landed),
      commits_(context_, admin, *lake.ledger, committer, mailbox_) {}

Status Session::Run(const ProgressFunction& report) {
  const uint32_t shards = ShardCount();
  const MemoryShares memory = DivideMemory(options_.memory_limit, shards);
  FOREBAY_TRY(OpenConsumer(memory));
  options_.telemetry->phase.store(LandPhase::kLanding);
  FOREBAY_ASSIGN(const auto pipeline,
                 Pipeline::Start(context_, lake_.lake->store(), commits_, shards, memory));
  const Status consumed = Consume(*pipeline, report);
  // The records before an unreadable record are still landed. They may have expired by the time an operator
  // accepts the loss of that record, or once that record itself has expired.
  if (!consumed.ok() && !consumer_->failed_on_record()) context_.error.Set(consumed.error());
  pipeline->Finish();
  report(Progress());
  CommitOffsets();
  consumer_->AwaitCommittedOffsets(kLastCommitMs);
  LogWarnings();
  if (const auto error = context_.error.get()) return *error;
  return consumed;
}

LandProgress Session::Progress() const {
  LandProgress progress = context_.stats.totals();
  progress.held_back = options_.follow ? 0 : plan_.held_back;
  if (consumer_ == nullptr) return progress;
  const auto& positions = consumer_->positions();
  for (size_t i = 0; i < plan_.ends.size(); ++i) {
    const int64_t start = plan_.starts[i].offset.value();
    progress.target += plan_.ends[i].offset.value() - start;
    progress.reached += std::min(positions[i].offset, plan_.ends[i].offset).value() - start;
  }
  return progress;
}

Status Session::OpenConsumer(const MemoryShares& memory) {
  kafka::ConsumerOptions options;
  for (const LandTopic& topic : plan_.topics) options.topics.push_back(topic.name);
  options.group_id = options_.consumer_group;
  options.queue_bytes = memory.client_queue;
  FOREBAY_ASSIGN(consumer_, kafka::Consumer::Open(*options_.brokers, options));
  return consumer_->Assign(plan_.starts);
}

Status Session::Consume(Pipeline& pipeline, const ProgressFunction& report) {
  double reported = 0;
  while (!context_.error.is_set() && !ShouldStop() && !AtEnd()) {
    pipeline.AwaitRoom(options_.stop);
    kafka::MessageBatch messages;
    FOREBAY_TRY(consumer_->Poll(&messages, kPollMs));
    LogWarnings();
    PassOn(pipeline, std::move(messages));
    if (const auto added = mailbox_.DrainAdded(); !added.empty()) FOREBAY_TRY(consumer_->Add(added));
    if (const double now = MonotonicSeconds(); now - reported > kProgressSeconds) {
      report(Progress());
      CommitOffsets();
      reported = now;
    }
  }
  return Ok();
}

// Skips polls that brought neither records nor another position.
void Session::PassOn(Pipeline& pipeline, kafka::MessageBatch messages) {
  const std::vector<kafka::Position>& positions = consumer_->positions();
  if (messages.empty() && SameOffsets(positions, passed_positions_)) return;
  passed_positions_ = positions;
  context_.stats.Consumed(static_cast<int64_t>(messages.size()), static_cast<int64_t>(messages.bytes()));
  pipeline.Push(std::move(messages), positions);
}

bool Session::ShouldStop() const {
  if (context_.topics_changed) return true;
  return options_.stop != nullptr && options_.stop->load();
}

bool Session::AtEnd() const {
  if (options_.follow) return false;
  const auto& positions = consumer_->positions();
  for (size_t i = 0; i < plan_.ends.size(); ++i) {
    if (positions[i].offset < plan_.ends[i].offset) return false;
  }
  return true;
}

void Session::CommitOffsets() {
  if (const auto committed = mailbox_.DrainCommitted(); !committed.empty())
    consumer_->CommitOffsetsForLagTools(committed);
}

void Session::LogWarnings() {
  for (const std::string& warning : consumer_->DrainWarnings()) spdlog::warn("{}", warning);
}

}  // namespace forebay
