// A small world for the ledger: one topic, a lake, and landers that follow the protocol of docs/formats.md
// step by step, with every other lander free to act between any two steps. The disk and the broker are plain
// values; the ledger is a ModelLedger. The model records which offsets were landed or lost by any lander.
//
// The seed determines the history.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/model_ledger.h"
#include "ledger/rules.h"

namespace forebay {

// One file and the records that are really in it.
struct ModelFile {
  TopicId read_from;  // the incarnation whose records the consumer returned
  TopicPartition claimed;
  int64_t from = 0, to = 0;
};

struct ModelBatch {
  std::vector<int> files;
  bool is_published = false;
};

// The broker's side of the one topic.
struct ModelTopic {
  int incarnation = 0;
  int64_t earliest[2] = {0, 0};
  int64_t end[2] = {0, 0};
};

// A lander's next step.
enum class Phase {
  kIdle,
  kRecover,
  kOrphans,
  kReadLedger,
  kReadBroker,
  kBegin,
  kPositions,
  kStage,
  kRecheck,
  kDecide,
  kPublish,
  kDrop
};

struct ModelLander {
  Phase phase = Phase::kIdle;
  std::vector<std::pair<int, size_t>> to_publish;  // batch, and its next file
  TopicId known;                                   // the ledger's current id, when it was read
  TopicId seen;                                    // the broker's id, when it was read
  int64_t seen_earliest[2] = {0, 0};
  int64_t position[2] = {0, 0};
  BatchProposal proposal;
  std::vector<int> files;
};

class ModelWorld {
 public:
  ModelWorld(uint64_t seed, int landers, ModelLedger& ledger)
      : random_(seed), landers_(static_cast<size_t>(landers)), ledger_(ledger) {
    topic_.end[0] = Random(4);
    topic_.end[1] = Random(4);
  }

  // One event: a step of a lander, a crash of one, or a change of the topic.
  void Step() {
    const uint64_t event = Random(40);
    const size_t lander = Random(landers_.size());
    if (event == 0) {
      End(lander);
    } else if (event == 1) {
      const uint64_t p = Random(2);
      topic_.earliest[p] = std::min(topic_.end[p], topic_.earliest[p] + static_cast<int64_t>(Random(3)));
    } else if (event == 2 && topic_.incarnation + 1 < kIncarnations) {
      topic_ = {topic_.incarnation + 1, {0, 0}, {Int(5), Int(5)}};
    } else if (event < 8) {
      int64_t& end = topic_.end[Random(2)];
      end = std::min<int64_t>(end + Int(3), 63);
    } else {
      Advance(lander);
    }
    Check();
  }

  // A step of a lander other than `lander`, for a ledger that lets others act within a transaction.
  void StepOfAnother(size_t lander) {
    if (!is_settling_) Advance((lander + 1 + Random(landers_.size() - 1)) % landers_.size());
  }

  // The other landers continue to their ends or are killed, then one lander alone runs until nothing is left
  // to do.
  void Settle() {
    for (size_t lander = 0; lander < landers_.size(); ++lander) {
      for (uint64_t steps = Random(8); steps > 0; --steps) {
        Advance(lander);
        Check();
      }
      End(lander);
    }
    End(0);  // the others may have stepped it since
    is_settling_ = true;
    for (int steps = 0; steps < 400 && violation_.empty(); ++steps) {
      Advance(0);
      Check();
      if (landers_[0].phase == Phase::kReadLedger && Unfinished().empty()) return;
    }
    Report(Unfinished());
  }

  // The first violation that the model found; empty if there is none.
  const std::string& violation() const { return violation_; }
  int64_t decided() const { return static_cast<int64_t>(batches_.size()); }
  int64_t conflicts() const { return conflicts_; }

 private:
  enum class Place : char { kNowhere, kStaging, kVisible };
  static constexpr int kIncarnations = 4;
  static const std::string& NameOf(int incarnation) {
    static const std::string names[kIncarnations] = {"AAAAAAAAAAAAAAAAAAAAAQ", "AAAAAAAAAAAAAAAAAAAAAg",
                                                     "AAAAAAAAAAAAAAAAAAAAAw", "AAAAAAAAAAAAAAAAAAAABA"};
    return names[incarnation];
  }
  // The bits of a partition. The ids differ in their last letter.
  uint64_t& Accounted(const TopicPartition& partition) {
    static constexpr std::string_view kLast = "QgwA";
    return accounted_[kLast.find(partition.topic_id.base64().back())]
                     [static_cast<size_t>(partition.partition.value())];
  }
  static TopicId IdOf(int incarnation) { return TopicId(NameOf(incarnation)); }

  // splitmix64: https://prng.di.unimi.it/splitmix64.c
  uint64_t Random(uint64_t below) {
    uint64_t z = (random_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (z ^ (z >> 31)) % below;
  }
  int64_t Int(uint64_t below) { return static_cast<int64_t>(Random(below)); }

  void Advance(size_t number);
  // The lander's process ends: what it knew is lost, what it did stays.
  void End(size_t number) {
    landers_[number] = {};
    ledger_.Restart(number);
  }
  void Publish(size_t number);
  void RemoveOrphans(size_t number);
  void Begin(size_t number);
  bool BeginPartition(size_t number, int p);
  void Stage(ModelLander& lander);
  void Decide(size_t number);
  bool IsIn(int file, Place place) const { return places_[static_cast<size_t>(file)] == place; }
  bool MoveFromStaging(int file, Place to);
  void Account(const TopicPartition& partition, int64_t from, int64_t to, const char* violation);
  void Land(const ModelLander& lander);
  void Check();
  // The remaining work; empty when everything is landed and published.
  std::string Unfinished();
  void Report(const std::string& violation) {
    if (violation_.empty()) violation_ = violation;
  }
  TopicId CurrentId() const { return IdOf(topic_.incarnation); }

  uint64_t random_;
  ModelTopic topic_;
  std::vector<ModelLander> landers_;

  // The ledger and the disk.
  ModelLedger& ledger_;
  std::vector<ModelBatch> batches_;  // by id - 1
  std::vector<ModelFile> files_;
  std::vector<Place> places_;  // by file
  size_t visible_ = 0;

  // The model: the offsets of each partition that were landed or lost, as a set of bits.
  std::array<std::array<uint64_t, 2>, kIncarnations> accounted_{};
  int64_t conflicts_ = 0;
  bool is_settling_ = false;  // one lander alone runs
  std::string violation_;
};

}  // namespace forebay
