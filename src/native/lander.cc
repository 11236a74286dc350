// The lander: opens and recovers the lake, then runs sessions of the pipeline until the landing ends as
// requested.
#include "native/lander.h"

#include <pthread.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/descriptors.h"
#include "base/time.h"
#include "commit/start.h"
#include "ledger/open_lake.h"
#include "native/batch_writer.h"
#include "native/commit_loop.h"
#include "native/shard.h"

namespace forebay {
namespace {

constexpr int64_t kMinMemory = 192'000'000;
constexpr int64_t kFixedMemory = 150'000'000;  // code, libraries, connections, the ledger
constexpr int kPollMs = 50;
constexpr double kProgressSeconds = 0.25;

// Each file of a batch stays open until the batch is published. Up to three batches are open at once: one
// with the committer, one waiting for it, one being written.
int64_t MaxOpenDirectories() {
  constexpr int64_t kOthers = 128;  // sockets, libraries, the ledger
  return std::max<int64_t>((RaiseDescriptorLimit() - kOthers) / 3, 1);
}

// Sets the thread name shown by `top -H` and profilers.
void NameThread(const char* name) {
  pthread_setname_np(pthread_self(), name);
}

// Owns the threads of one session. Run() executes on the consuming thread.
class Session {
 public:
  Session(const LandOptions& options, LandPlan plan, kafka::Admin& admin, OpenedLake& lake,
          Committer& committer, SessionState& state, const LandProgress& before)
      : options_(options),
        plan_(std::move(plan)),
        lake_(lake),
        state_(state),
        before_(before),
        commits_(options_, plan_, admin, *lake.ledger, committer, state, mailbox_) {}

  Status Run(const ProgressFunction& report) {
    FOREBAY_TRY(Open());
    telemetry_.in_flight_limit_bytes.store(SpareMemory() / 12);
    telemetry_.phase.store(LandPhase::kLanding);
    StartThreads();
    const Status consumed = Consume(report);
    // The records before an unreadable record are still landed. They may have expired by the time an operator
    // gives up that record, or once that record itself has expired.
    if (!consumed.ok() && !consumer_->failed_on_record()) state_.Fail(consumed.error());
    Join();
    telemetry_.SessionEnded();
    report(Progress());
    CommitOffsets(2000);
    if (const auto failure = state_.failure()) return *failure;
    return consumed;
  }

  // REQUIRES: called on the consuming thread, during or after Run.
  LandProgress Progress() const {
    LandProgress progress = before_;
    progress.Add(state_.landed());
    progress.consumed += consumed_;
    progress.consumed_bytes += consumed_bytes_;
    progress.target = progress.reached = 0;
    if (consumer_ == nullptr) return progress;
    const auto& positions = consumer_->positions();
    for (size_t i = 0; i < plan_.ends.size(); ++i) {
      const int64_t start = plan_.starts[i].offset.value();
      progress.target += plan_.ends[i].offset.value() - start;
      progress.reached += std::min(positions[i].offset, plan_.ends[i].offset).value() - start;
    }
    return progress;
  }

 private:
  struct ShardThreads {
    ShardShared shared;
    BoundedQueue<SharedChunk> chunks{2};
    std::unique_ptr<Shard> decoder;
    std::unique_ptr<BatchWriter> writer;
    std::thread decode_thread;
    std::thread write_thread;
  };

  Status Open() {
    kafka::ConsumerOptions consumer;
    for (const LandTopic& topic : plan_.topics) consumer.topics.push_back(topic.table->topic.name);
    consumer.queue_bytes = std::min<int64_t>(SpareMemory() / 12, 64'000'000);
    FOREBAY_ASSIGN(consumer_, kafka::Consumer::Open(*options_.brokers, consumer));
    FOREBAY_TRY(consumer_->Assign(plan_.starts));
    const unsigned cores = std::max(std::thread::hardware_concurrency(), 1u);
    const uint32_t count = std::clamp(cores / 2, 1u, 4u);
    for (uint32_t i = 0; i < count; ++i) {
      auto shard = std::make_unique<ShardThreads>();
      const int64_t memory = SpareMemory() / 3 / count;
      FOREBAY_ASSIGN(shard->decoder, Shard::Create(options_, plan_, {i, count, memory}, shard->shared));
      shard->writer = std::make_unique<BatchWriter>(options_, plan_, lake_.lake->store(), shard->shared, to_commit_);
      shards_.push_back(std::move(shard));
    }
    return Ok();
  }

  void StartThreads() {
    for (const auto& owned : shards_) {
      ShardThreads* const shard = owned.get();
      shard->decode_thread = std::thread([this, shard] {
        NameThread("fb-decode");
        Guard(shard->decoder->Run(shard->chunks, state_));
        shard->shared.to_writer.Close();
      });
      shard->write_thread = std::thread([this, shard] {
        NameThread("fb-write");
        Guard(shard->writer->Run());
      });
    }
    commit_thread_ = std::thread([this] {
      NameThread("fb-commit");
      Guard(commits_.Run(to_commit_));
    });
  }

  // A failing stage wakes all others.
  void Guard(const Status& status) {
    if (status.ok()) return;
    state_.Fail(status.error());
    AbandonAll();
  }

  void AbandonAll() {
    for (const auto& shard : shards_) {
      shard->shared.abandoned.store(true);
      shard->shared.to_writer.Abandon();
      shard->chunks.Abandon();
    }
    to_commit_.Abandon();
  }

  // Ends the stages in pipeline order.
  void Join() {
    if (state_.failed()) AbandonAll();
    for (const auto& shard : shards_) shard->chunks.Close();
    for (const auto& shard : shards_) {
      shard->decode_thread.join();
      shard->write_thread.join();
    }
    to_commit_.Close();
    commit_thread_.join();
  }

  // Memory available to records. One twelfth waits in the Kafka client's queue, one twelfth is being decoded,
  // and one third is held in columns. The rest covers the copies made by encoding and compression, and memory
  // kept by the allocator.
  int64_t SpareMemory() const { return options_.memory_limit - kFixedMemory; }

  bool StopAsked() const { return options_.stop != nullptr && options_.stop->load(); }

  Status Consume(const ProgressFunction& report) {
    double reported = 0;
    while (!state_.failed() && !StopAsked() && !AtEnd()) {
      in_flight_.WaitBelow(SpareMemory() / 12, [&] { return state_.failed() || StopAsked(); });
      auto chunk = std::make_unique<Chunk>();
      FOREBAY_TRY(consumer_->Poll(&chunk->messages, kPollMs));
      for (const std::string& warning : consumer_->TakeWarnings()) spdlog::warn("{}", warning);
      Pass(std::move(chunk));
      if (const auto added = mailbox_.TakeAdded(); !added.empty()) FOREBAY_TRY(consumer_->Add(added));
      if (const double now = MonotonicSeconds(); now - reported > kProgressSeconds) {
        report(Progress());
        CommitOffsets(0);
        reported = now;
      }
    }
    return Ok();
  }

  // Passes the chunk to every shard; each shard handles only its own partitions.
  void Pass(std::unique_ptr<Chunk> chunk) {
    chunk->positions = consumer_->positions();
    const bool moved = !chunk->messages.empty() || chunk->positions.size() != last_positions_.size() ||
                       !std::equal(chunk->positions.begin(), chunk->positions.end(), last_positions_.begin(),
                                   [](const auto& a, const auto& b) { return a.offset == b.offset; });
    if (!moved) return;
    last_positions_ = chunk->positions;
    consumed_ += static_cast<int64_t>(chunk->messages.size());
    const auto bytes = static_cast<int64_t>(chunk->messages.bytes());
    consumed_bytes_ += bytes;
    in_flight_.Add(bytes);
    telemetry_.in_flight_bytes.fetch_add(bytes, std::memory_order_relaxed);
    telemetry_.consumed.Add(static_cast<int64_t>(chunk->messages.size()), bytes);
    const SharedChunk shared(chunk.release(), [this, bytes](const Chunk* done) {
      delete done;
      in_flight_.Sub(bytes);
      telemetry_.in_flight_bytes.fetch_sub(bytes, std::memory_order_relaxed);
    });
    for (const auto& shard : shards_) shard->chunks.Push(shared);
  }

  bool AtEnd() const {
    if (options_.follow) return false;
    const auto& positions = consumer_->positions();
    for (size_t i = 0; i < plan_.ends.size(); ++i) {
      if (positions[i].offset < plan_.ends[i].offset) return false;
    }
    return true;
  }

  void CommitOffsets(int wait_ms) {
    if (const auto committed = mailbox_.TakeCommitted(); !committed.empty()) {
      consumer_->CommitOffsetsForLagTools(committed, wait_ms);
    }
  }

  const LandOptions& options_;
  LandTelemetry& telemetry_ = *options_.telemetry;
  const LandPlan plan_;
  OpenedLake& lake_;
  SessionState& state_;
  const LandProgress before_;  // of earlier sessions of this landing
  Mailbox mailbox_;
  CommitLoop commits_;
  MemoryGauge in_flight_;  // bytes of chunks that some shard still holds
  BoundedQueue<StagedBatch> to_commit_{1};
  std::unique_ptr<kafka::Consumer> consumer_;
  std::vector<std::unique_ptr<ShardThreads>> shards_;
  std::thread commit_thread_;
  std::vector<kafka::Position> last_positions_;
  int64_t consumed_ = 0;
  int64_t consumed_bytes_ = 0;
};

Status CheckOptions(const LandOptions& options) {
  if (options.memory_limit >= kMinMemory) return Ok();
  return InvalidArgumentError("--memory-limit is too small: a landing needs at least " +
                              std::to_string(kMinMemory / 1'000'000) + "MB");
}

Result<LandProgress> RunSessions(LandOptions options, const ProgressFunction& report) {
  FOREBAY_TRY(CheckOptions(options));
  LandTelemetry& telemetry = *options.telemetry;
  options.max_open_partitions = std::min(options.max_open_partitions, MaxOpenDirectories());

  OpenLakeOptions open{WaitForLock(options.wait_for_lock, options.stop), {}};
  open.lake.on_waiting = [&telemetry, log = open.lake.on_waiting] {
    telemetry.phase.store(LandPhase::kWaiting);
    log();
  };
  FOREBAY_ASSIGN(OpenedLake lake, OpenLake(PosixFs(), options.lake, open));
  telemetry.phase.store(LandPhase::kRecovering);
  Committer recovery(lake.lake->store(), *lake.ledger);
  FOREBAY_ASSIGN(const RecoveryReport recovered, recovery.Recover());
  for (const std::string& sentence : recovered.Summary()) spdlog::info("recovered: {}", sentence);
  FOREBAY_ASSIGN(
      const auto admin,
      kafka::Admin::Open(*options.brokers, {.limit_ms = options.follow ? -1 : 30'000, .stop = options.stop}));
  LandProgress total;
  while (true) {
    telemetry.phase.store(LandPhase::kPreparing);
    Result<LandPlan> plan = PrepareLanding(options, *admin, *lake.ledger);
    if (!plan.ok()) {
      const ErrorCode code = plan.error().code();
      if (code == ErrorCode::kConflict) continue;  // another process began the partitions
      // A stop between two sessions: return the totals of the earlier sessions.
      if (code == ErrorCode::kCancelled && total.batches > 0) return total;
      return plan.error();
    }
    Committer committer(lake.lake->store(), *lake.ledger);
    SessionState state;
    Session session(options, std::move(plan).value(), *admin, lake, committer, state, total);
    const Status ended = session.Run(report);
    total = session.Progress();
    if (ended.ok()) return total;
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
  if (landed.ok()) {
    options.telemetry->phase.store(LandPhase::kEnded);
  } else {
    options.telemetry->Fail(landed.error().message());
  }
  return landed;
}

}  // namespace forebay
