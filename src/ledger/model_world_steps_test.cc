// What the landers of ModelWorld do, and what is checked after each step.
#include <algorithm>
#include <utility>

#include "ledger/model_world.h"

namespace forebay {

void ModelWorld::Advance(ModelLander& lander) {
  switch (lander.phase) {
    case Phase::kIdle:
      for (size_t i = 0; i < batches_.size(); ++i) {
        if (!batches_[i].is_published) lander.to_publish.push_back({static_cast<int>(i), 0});
      }
      lander.phase = Phase::kRecover;
      return;
    case Phase::kRecover:
      if (lander.to_publish.empty()) lander.phase = Phase::kOrphans;
      return Publish(lander);
    case Phase::kOrphans:
      RemoveOrphans();
      lander.phase = Phase::kKnown;
      return;
    case Phase::kKnown:
      lander.known = ledger_.CurrentTopic("t") == nullptr ? TopicId() : ledger_.CurrentTopic("t")->id;
      lander.phase = Phase::kLook;
      return;
    case Phase::kLook:
      lander.seen = CurrentId();
      std::copy(topic_.earliest, topic_.earliest + 2, lander.seen_earliest);
      lander.phase = Phase::kBegin;
      return;
    case Phase::kBegin:
      return Begin(lander);
    case Phase::kPositions:
      for (int p : {0, 1}) {
        const auto progress = ledger_.partitions.find({lander.seen, PartitionId(p)});
        if (progress == ledger_.partitions.end()) return void(lander = {});
        lander.position[p] = progress->second.next.value();
      }
      lander.phase = Phase::kStage;
      return;
    case Phase::kStage:
      return Stage(lander);
    case Phase::kRecheck:
      lander.phase = CurrentId() == lander.seen ? Phase::kDecide : Phase::kDrop;
      return;
    case Phase::kDecide:
      return Decide(lander);
    case Phase::kPublish:
      if (lander.to_publish.empty()) lander.phase = Phase::kPositions;
      return Publish(lander);
    case Phase::kDrop:
      if (lander.files.empty()) return void(lander.phase = Phase::kKnown);
      TakeFromStaging(lander.files.back(), Place::kNowhere);
      lander.files.pop_back();
      return;
  }
}

// The next rename, or the batch's mark.
void ModelWorld::Publish(ModelLander& lander) {
  if (lander.to_publish.empty()) return;
  auto& [number, next] = lander.to_publish.front();
  ModelBatch& batch = batches_[static_cast<size_t>(number)];
  if (next == batch.files.size()) {
    batch.is_published = true;
    lander.to_publish.erase(lander.to_publish.begin());
    return;
  }
  const int file = batch.files[next++];
  if (TakeFromStaging(file, Place::kVisible)) {
    ++visible_;
  } else if (!IsIn(file, Place::kVisible)) {
    Broken("a decided file is neither in staging nor in its place");
  }
}

bool ModelWorld::TakeFromStaging(int file, Place to) {
  if (!IsIn(file, Place::kStaging)) return false;
  places_[static_cast<size_t>(file)] = to;
  return true;
}

void ModelWorld::RemoveOrphans() {
  std::vector<Place> after = places_;
  std::replace(after.begin(), after.end(), Place::kStaging, Place::kNowhere);
  for (const ModelBatch& batch : batches_) {
    if (batch.is_published) continue;
    for (const int file : batch.files) after[static_cast<size_t>(file)] = places_[static_cast<size_t>(file)];
  }
  places_ = std::move(after);
}

// What was seen may be old by now: the rules decide.
void ModelWorld::Begin(ModelLander& lander) {
  lander.phase = Phase::kPositions;
  if (!lander.known.empty() && lander.known != lander.seen) {
    if (!CanAdopt(ledger_, "t", lander.known, lander.seen).ok()) return void(lander.phase = Phase::kKnown);
    ApplyAdopt(ledger_, "t", lander.seen, 1);
  }
  for (int p : {0, 1}) {
    const TopicPartition partition = {lander.seen, PartitionId(p)};
    const auto progress = ledger_.partitions.find(partition);
    const Offset earliest(lander.seen_earliest[p]);
    const Beginning beginning = {"t", "t", partition, earliest};
    // Whoever saw no beginning tries to make one, also where another was faster.
    if (progress == ledger_.partitions.end() || Random(8) == 0) {
      if (!CanBegin(ledger_, {beginning}).ok()) continue;
      ApplyBegin(ledger_, {beginning}, 1);
      Account(partition, 0, earliest.value(),
              "a partition is begun twice");  // before the beginning: never ours
    } else if (progress->second.next < earliest) {
      const Offset from = progress->second.next;
      const LostRange lost = {partition, {from, earliest}, 1};
      if (!CanAcceptLoss(ledger_, {lost}).ok()) continue;
      ApplyAcceptLoss(ledger_, {lost});
      Account(partition, from.value(), earliest.value(), "a record that is landed is given up");
    }
  }
}

// Consumes from whatever bears the topic's name now: a recreated topic is read on without an error.
void ModelWorld::Stage(ModelLander& lander) {
  lander.proposal = {};
  lander.proposal.contract_yaml = "c";
  lander.files.clear();
  for (int p : {0, 1}) {
    const int64_t from = lander.position[p];
    if (from < topic_.earliest[p]) return void(lander.phase = Phase::kDrop);  // expired: the client says so
    if (from >= topic_.end[p] || Random(4) == 0) continue;
    const int64_t to = from + 1 + Int(static_cast<uint64_t>(topic_.end[p] - from));
    const int file = static_cast<int>(files_.size());
    const TopicPartition claimed = {lander.seen, PartitionId(p)};
    files_.push_back({CurrentId(), claimed, from, to});
    places_.push_back(Place::kStaging);
    lander.files.push_back(file);
    lander.proposal.ranges.push_back({claimed, {Offset(from), Offset(to)}, to - from, 0, 0, {}, {}});
    ProposedFile proposed;
    proposed.table = "t";
    proposed.partition_dir = "d=1";
    std::string digits = std::to_string(file);
    proposed.file_name = "000000000000-" + std::string(12 - digits.size(), '0') + digits + ".parquet";
    proposed.staged_name = "s-" + std::string(32 - digits.size(), '0') + digits + ".parquet";
    proposed.rows = to - from;
    proposed.bytes = 1;
    lander.proposal.files.push_back(proposed);
  }
  lander.phase = lander.files.empty() ? Phase::kKnown : Phase::kRecheck;
}

// One transaction: the rules, and the look at the staged files.
void ModelWorld::Decide(ModelLander& lander) {
  const Status may = CanDecide(ledger_, lander.proposal);
  const bool all_there = std::all_of(lander.files.begin(), lander.files.end(),
                                     [&](int file) { return IsIn(file, Place::kStaging); });
  if (!may.ok() || !all_there) {
    ++conflicts_;
    lander.phase = Phase::kDrop;
    return;
  }
  ApplyDecide(ledger_, lander.proposal);
  batches_.push_back({lander.files, false});
  if (ledger_.last_batch.value() != static_cast<int64_t>(batches_.size()))
    Broken("a batch has the wrong number");
  Land(lander);
  lander.to_publish = {{static_cast<int>(batches_.size()) - 1, 0}};
  lander.phase = Random(10) == 0 ? Phase::kIdle : Phase::kPublish;
  if (lander.phase == Phase::kIdle) lander = {};  // the outcome of the COMMIT is unknown to it: it ends
}

void ModelWorld::Land(const ModelLander& lander) {
  for (const int number : lander.files) {
    const ModelFile& file = files_[static_cast<size_t>(number)];
    if (file.read_from != file.claimed.topic_id) Broken("records of one topic are landed as another's");
    Account(file.claimed, file.from, file.to, "a record is landed twice");
  }
}

void ModelWorld::Account(const TopicPartition& partition, int64_t from, int64_t to, const char* otherwise) {
  uint64_t& accounted = Accounted(partition);
  const uint64_t offsets = ((uint64_t{1} << to) - 1) & ~((uint64_t{1} << from) - 1);
  if ((accounted & offsets) != 0) Broken(otherwise);
  accounted |= offsets;
}

void ModelWorld::Check() {
  size_t named = 0;
  for (const ModelBatch& batch : batches_) {
    for (const int file : batch.files) {
      const bool is_visible = IsIn(file, Place::kVisible);
      named += is_visible;
      if (batch.is_published && !is_visible) Broken("a published file is not in its place");
      if (!is_visible && IsIn(file, Place::kNowhere)) Broken("a decided file is gone");
    }
  }
  if (named != visible_) Broken("a visible file is in no batch");
  int current = 0;
  for (const auto& [id, topic] : ledger_.topics) current += topic.current;
  if (current > 1) Broken("a topic has two current ids");
  for (const auto& [partition, progress] : ledger_.partitions) {
    // No gap and no overlap: all below `next` are accounted for, and none beyond.
    if (Accounted(partition) != (uint64_t{1} << progress.next.value()) - 1) {
      Broken("what is landed and given up does not tile up to the ledger's next");
    }
  }
}

std::string ModelWorld::WhatIsMissing() const {
  if (!std::all_of(batches_.begin(), batches_.end(),
                   [](const ModelBatch& batch) { return batch.is_published; })) {
    return "a decided batch is never published";
  }
  for (int p : {0, 1}) {
    const auto progress = ledger_.partitions.find({CurrentId(), PartitionId(p)});
    if (progress == ledger_.partitions.end()) return "the current topic is never begun";
    if (progress->second.next.value() < topic_.end[p]) return "records of the current topic are never landed";
  }
  return "";
}

}  // namespace forebay
