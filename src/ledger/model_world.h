// A small world for the ledger's rules: one topic, a lake, and landers that follow the protocol of
// docs/formats.md step by step, with everybody else free to act between any two steps. The rules are the real
// ones; the ledger, the disk and the broker are plain values. Beside it stands the model: which records were
// landed or given up, by whoever.
//
// Everything follows from the seed.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/rules.h"

namespace forebay {

// One file: which records are really in it.
struct ModelFile {
  TopicId read_from;  // the incarnation that the consumer was given records of
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

// Where a lander is. Every value is one step: what is done there is done at once.
enum class Phase {
  kIdle,
  kRecover,
  kOrphans,
  kKnown,
  kLook,
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
  TopicId known;                                   // what the ledger called current when it looked
  TopicId seen;                                    // the topic's id then
  int64_t seen_earliest[2] = {0, 0};
  int64_t position[2] = {0, 0};
  BatchProposal proposal;
  std::vector<int> files;
};

class ModelWorld {
 public:
  explicit ModelWorld(uint64_t seed, int landers) : random_(seed), landers_(static_cast<size_t>(landers)) {
    topic_.end[0] = Random(4);
    topic_.end[1] = Random(4);
  }

  // One thing happens: a step of a lander, a crash of one, or a change of the topic.
  void Step() {
    const uint64_t what = Random(40);
    ModelLander& lander = landers_[Random(landers_.size())];
    if (what == 0) {
      lander = {};  // killed: what it knew is gone, what it did stays
    } else if (what == 1) {
      const uint64_t p = Random(2);
      topic_.earliest[p] = std::min(topic_.end[p], topic_.earliest[p] + static_cast<int64_t>(Random(3)));
    } else if (what == 2 && topic_.incarnation + 1 < kIncarnations) {
      topic_ = {topic_.incarnation + 1, {0, 0}, {Int(5), Int(5)}};
    } else if (what < 8) {
      int64_t& end = topic_.end[Random(2)];
      end = std::min<int64_t>(end + Int(3), 63);
    } else {
      Advance(lander);
    }
    Check();
  }

  // The others go on to their ends or die, then one lander alone runs until there is nothing left to do.
  void Settle() {
    for (ModelLander& lander : landers_) {
      for (uint64_t steps = Random(8); steps > 0; --steps) {
        Advance(lander);
        Check();
      }
      lander = {};
    }
    for (int steps = 0; steps < 400 && broken_.empty(); ++steps) {
      Advance(landers_[0]);
      Check();
      if (landers_[0].phase == Phase::kKnown && WhatIsMissing().empty()) return;
    }
    Broken(WhatIsMissing());
  }

  // What the model found wrong; empty as long as all is well.
  const std::string& broken() const { return broken_; }
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

  void Advance(ModelLander& lander);
  void Publish(ModelLander& lander);
  void RemoveOrphans();
  void Begin(ModelLander& lander);
  void Stage(ModelLander& lander);
  void Decide(ModelLander& lander);
  bool IsIn(int file, Place place) const { return places_[static_cast<size_t>(file)] == place; }
  bool TakeFromStaging(int file, Place to);
  void Account(const TopicPartition& partition, int64_t from, int64_t to, const char* otherwise);
  void Land(const ModelLander& lander);
  void Check();
  // What is still to be done, in words; empty when all is landed and published.
  std::string WhatIsMissing() const;
  void Broken(const std::string& what) {
    if (broken_.empty()) broken_ = what;
  }
  TopicId CurrentId() const { return IdOf(topic_.incarnation); }

  uint64_t random_;
  ModelTopic topic_;
  std::vector<ModelLander> landers_;

  // The ledger and the disk.
  LedgerState ledger_;
  std::vector<ModelBatch> batches_;  // by id - 1
  std::vector<ModelFile> files_;
  std::vector<Place> places_;  // by file
  size_t visible_ = 0;

  // The model: which offsets of a partition were landed or given up, as a set of bits.
  std::array<std::array<uint64_t, 2>, kIncarnations> accounted_{};
  int64_t conflicts_ = 0;
  std::string broken_;
};

}  // namespace forebay
