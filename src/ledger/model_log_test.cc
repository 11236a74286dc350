// ModelWorld's histories with real Ledgers, one for each lander, over one log of conditional writes: other
// landers act inside a transaction, between its reads and its append, and appends have unknown outcomes.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <utility>

#include "ledger/ledger.h"
#include "ledger/log_ledger_store.h"
#include "ledger/memory_ledger_log.h"
#include "ledger/model_world.h"

namespace forebay {
namespace {

using Fault = MemoryLedgerLog::Fault;

class LogModelLedger final : public ModelLedger {
 public:
  LogModelLedger(uint64_t seed, size_t landers, const std::string& first_entry)
      : random_(seed), ledgers_(landers) {
    log_->Put(1, first_entry);
    observer_ = *Ledger::OpenForReading(std::make_unique<LogLedgerStore>(log_));
  }
  // `interrupt` is a step of a lander other than the one that is given.
  void SetInterrupt(std::function<void(size_t)> interrupt) { interrupt_ = std::move(interrupt); }
  int64_t unknown_outcomes() const { return unknown_outcomes_; }
  int64_t takeovers() const { return takeovers_; }

  const LedgerState& State() override {
    if (state_size_ == log_->size()) return state_;
    state_size_ = log_->size();
    const LedgerSnapshot snapshot = *observer_->Snapshot(kNewestBatch);
    state_ = {};
    state_.last_batch = snapshot.last_batch;
    for (const LedgerTopic& topic : snapshot.topics) state_.topics.emplace(topic.id, topic);
    for (const LedgerPartition& known : snapshot.partitions)
      state_.partitions[known.partition] = {known.beginning, known.next};
    return state_;
  }
  Outcome Begin(size_t lander, const Beginning& beginning) override {
    return Call(lander, [&](Ledger& ledger) { return ledger.CommitBeginnings({beginning}); });
  }
  Outcome AcceptLoss(size_t lander, const LostRange& lost) override {
    return Call(lander, [&](Ledger& ledger) { return ledger.AcceptLoss({lost}); });
  }
  Outcome Adopt(size_t lander, const TopicId& from, const TopicId& to) override {
    return Call(lander, [&](Ledger& ledger) { return ledger.AdoptTopic("t", from, to); });
  }
  Outcome Decide(size_t lander, const BatchProposal& proposal,
                 const std::function<bool()>& staged_files_exist) override {
    const uint64_t luck = random_() % 16;
    const Fault fault = std::array{Fault::kUnconfirmed, Fault::kLost, Fault::kDelayed}[random_() % 3];
    return Call(lander, [&](Ledger& ledger) -> Status {
      const auto decided = ledger.Decide(proposal, [&]() -> Status {
        if (!staged_files_exist()) return Error(ErrorCode::kConflict, "");
        if (luck < 4) Fail(fault, luck == 0);
        return Ok();
      });
      return decided.ok() ? Ok() : Status(decided.error());
    });
  }
  Outcome MarkPublished(size_t lander, BatchId batch) override {
    return Call(lander, [&](Ledger& ledger) { return ledger.MarkPublished(batch); });
  }
  Outcome RemoveOrphans(size_t lander, const std::function<std::vector<int>()>& list_staged,
                        const std::function<bool(int)>& /*is_decided*/,
                        const std::function<void(int)>& unlink) override {
    const auto list = [&]() -> Result<std::vector<std::string>> {
      std::vector<std::string> names;
      for (const int file : list_staged()) names.push_back(ModelStagedName(file));
      return names;
    };
    const auto remove = [&](const std::string& name) -> Status {
      if (!is_interrupted_ && random_() % 2 == 0) Interrupt(lander);
      unlink(std::stoi(name.substr(2, 32)));
      return Ok();
    };
    return Call(lander, [&](Ledger& ledger) -> Status {
      const auto removed = ledger.RemoveOrphans(list, remove);
      return removed.ok() ? Ok() : Status(removed.error());
    });
  }
  void Restart(size_t lander) override { ledgers_[lander].reset(); }

 private:
  // The next append fails. `forever`: its outcome stays unknown.
  void Fail(Fault fault, bool forever) {
    fault_ = fault;
    fails_forever_ = forever;
    if (fault == Fault::kNone || !forever) return log_->FailAppends({fault});
    log_->FailAppends({fault, Fault::kLost, Fault::kLost, Fault::kLost, Fault::kLost});
    log_->FailReads(5);
  }
  void EndFaults() {
    log_->FailAppends({});
    log_->FailReads(0);
    EXPECT_TRUE(log_->Read(1).ok());  // a delayed entry arrives
  }
  void Interrupt(size_t lander) {
    const auto fault = std::exchange(fault_, Fault::kNone);
    const bool fails_forever = fails_forever_;
    EndFaults();
    is_interrupted_ = true;
    for (uint64_t steps = 1 + random_() % 4; steps > 0; --steps) interrupt_(lander);
    is_interrupted_ = false;
    Fail(fault, fails_forever);
  }
  template <typename F>
  Outcome Call(size_t lander, F call) {
    if (!ledgers_[lander]) ledgers_[lander] = *Ledger::Open(std::make_unique<LogLedgerStore>(log_));
    const bool outermost = !is_interrupted_;
    if (outermost && random_() % 3 == 0) log_->BeforeNextAppend([this, lander] { Interrupt(lander); });
    const Status status = call(*ledgers_[lander]);
    if (outermost) log_->BeforeNextAppend(nullptr);
    fault_ = Fault::kNone;
    EndFaults();
    if (status.ok()) return Outcome::kDone;
    const ErrorCode code = status.error().code();
    unknown_outcomes_ += code == ErrorCode::kCommitStateUnknown;
    takeovers_ += code == ErrorCode::kLockHeld;
    if (code == ErrorCode::kCommitStateUnknown || code == ErrorCode::kLockHeld) return Outcome::kEnded;
    EXPECT_TRUE(code == ErrorCode::kConflict || code == ErrorCode::kFailedPrecondition)
        << status.error().message();
    return Outcome::kRefused;
  }

  std::mt19937_64 random_;
  const std::shared_ptr<MemoryLedgerLog> log_ = std::make_shared<MemoryLedgerLog>();
  std::unique_ptr<Ledger> observer_;
  std::vector<std::unique_ptr<Ledger>> ledgers_;
  std::function<void(size_t)> interrupt_;
  bool is_interrupted_ = false;
  Fault fault_ = Fault::kNone;
  bool fails_forever_ = false;
  LedgerState state_;
  int64_t state_size_ = 0;
  int64_t unknown_outcomes_ = 0;
  int64_t takeovers_ = 0;
};

TEST(ModelLog, HistoriesAgreeWithTheRules) {
  const auto number = [](const char* name, uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::stoull(text);
  };
  const uint64_t histories = number("LOG_HISTORIES", 20);  // the crash tests run more
  const uint64_t first = number("SEED", 1);
  const auto empty = std::make_shared<MemoryLedgerLog>();
  ASSERT_TRUE(Ledger::Create(std::make_unique<LogLedgerStore>(empty), "lake").ok());
  int64_t decided = 0, unknown_outcomes = 0, takeovers = 0;
  for (uint64_t seed = first; seed < first + histories; ++seed) {
    SCOPED_TRACE("SEED=" + std::to_string(seed));
    const int landers = 2 + static_cast<int>(seed % 3);
    LogModelLedger ledger(seed, static_cast<size_t>(landers), empty->Entry(1));
    ModelWorld world(seed, landers, ledger);
    ledger.SetInterrupt([&](size_t lander) { world.StepOfAnother(lander); });
    for (int step = 0; step < 200 && world.violation().empty(); ++step) world.Step();
    if (world.violation().empty()) world.Settle();
    ASSERT_EQ(world.violation(), "");
    if (testing::Test::HasFailure()) return;
    decided += world.decided();
    unknown_outcomes += ledger.unknown_outcomes();
    takeovers += ledger.takeovers();
  }
  if (histories < 20) return;  // a part of a run, or one history again
  EXPECT_GT(decided, static_cast<int64_t>(histories));
  EXPECT_GT(unknown_outcomes, static_cast<int64_t>(histories / 20));
  EXPECT_GT(takeovers, static_cast<int64_t>(histories / 20));
}

}  // namespace
}  // namespace forebay
