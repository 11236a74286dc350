// The ledger of a ModelWorld: the rules over a plain value, or real Ledgers over a log.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "ledger/rules.h"

namespace forebay {

// The staged name of the world's file of this number.
inline std::string ModelStagedName(int file) {
  const std::string digits = std::to_string(file);
  return "s-" + std::string(32 - digits.size(), '0') + digits + ".parquet";
}

// Every call is one transaction of one lander.
class ModelLedger {
 public:
  enum class Outcome {
    kDone,
    kRefused,  // nothing was written
    kEnded,    // the lander must end: the outcome is unknown, or another lander took over
  };

  virtual ~ModelLedger() = default;
  // The newest state.
  virtual const LedgerState& State() = 0;
  virtual Outcome Begin(size_t lander, const Beginning& beginning) = 0;
  virtual Outcome AcceptLoss(size_t lander, const LostRange& lost) = 0;
  virtual Outcome Adopt(size_t lander, const TopicId& from, const TopicId& to) = 0;
  virtual Outcome Decide(size_t lander, const BatchProposal& proposal,
                         const std::function<bool()>& staged_files_exist) = 0;
  virtual Outcome MarkPublished(size_t lander, BatchId batch) = 0;
  // Unlinks the listed files that no unpublished batch names, which `is_decided` knows, too.
  virtual Outcome RemoveOrphans(size_t lander, const std::function<std::vector<int>()>& list_staged,
                                const std::function<bool(int)>& is_decided,
                                const std::function<void(int)>& unlink) = 0;
  // The lander was killed: a new process follows it.
  virtual void Restart(size_t lander) = 0;
};

// One transaction after the other, without a store.
class RulesLedger final : public ModelLedger {
 public:
  const LedgerState& State() override { return state_; }
  Outcome Begin(size_t /*lander*/, const Beginning& beginning) override {
    if (!CanBegin(state_, {beginning}).ok()) return Outcome::kRefused;
    ApplyBegin(state_, {beginning}, 1);
    return Outcome::kDone;
  }
  Outcome AcceptLoss(size_t /*lander*/, const LostRange& lost) override {
    if (!CanAcceptLoss(state_, {lost}).ok()) return Outcome::kRefused;
    ApplyAcceptLoss(state_, {lost});
    return Outcome::kDone;
  }
  Outcome Adopt(size_t /*lander*/, const TopicId& from, const TopicId& to) override {
    if (!CanAdopt(state_, "t", from, to).ok()) return Outcome::kRefused;
    ApplyAdopt(state_, "t", to, 1);
    return Outcome::kDone;
  }
  Outcome Decide(size_t /*lander*/, const BatchProposal& proposal,
                 const std::function<bool()>& staged_files_exist) override {
    if (!CanDecide(state_, proposal).ok() || !staged_files_exist()) return Outcome::kRefused;
    ApplyDecide(state_, proposal);
    return Outcome::kDone;
  }
  Outcome MarkPublished(size_t /*lander*/, BatchId /*batch*/) override { return Outcome::kDone; }
  Outcome RemoveOrphans(size_t /*lander*/, const std::function<std::vector<int>()>& list_staged,
                        const std::function<bool(int)>& is_decided,
                        const std::function<void(int)>& unlink) override {
    for (const int file : list_staged()) {
      if (!is_decided(file)) unlink(file);
    }
    return Outcome::kDone;
  }
  void Restart(size_t /*lander*/) override {}

 private:
  LedgerState state_;
};

}  // namespace forebay
