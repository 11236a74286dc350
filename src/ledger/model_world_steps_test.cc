// The steps of ModelWorld's landers, and the checks after each step.
#include <algorithm>
#include <utility>

#include "ledger/model_world.h"

namespace forebay {

using Outcome = ModelLedger::Outcome;

void ModelWorld::Advance(size_t number) {
  ModelLander& lander = landers_[number];
  switch (lander.phase) {
    case Phase::kIdle:
      for (size_t i = 0; i < batches_.size(); ++i) {
        if (!batches_[i].is_published) lander.to_publish.push_back({static_cast<int>(i), 0});
      }
      lander.phase = Phase::kRecover;
      return;
    case Phase::kRecover:
      if (lander.to_publish.empty()) lander.phase = Phase::kOrphans;
      return Publish(number);
    case Phase::kOrphans:
      return RemoveOrphans(number);
    case Phase::kReadLedger: {
      const LedgerTopic* current = ledger_.State().CurrentTopic("t");
      lander.known = current == nullptr ? TopicId() : current->id;
      lander.phase = Phase::kReadBroker;
      return;
    }
    case Phase::kReadBroker:
      lander.seen = CurrentId();
      std::copy(topic_.earliest, topic_.earliest + 2, lander.seen_earliest);
      lander.phase = Phase::kBegin;
      return;
    case Phase::kBegin:
      return Begin(number);
    case Phase::kPositions: {
      const LedgerState& state = ledger_.State();
      for (int p : {0, 1}) {
        const auto progress = state.partitions.find({lander.seen, PartitionId(p)});
        if (progress == state.partitions.end()) return End(number);
        lander.position[p] = progress->second.next.value();
      }
      lander.phase = Phase::kStage;
      return;
    }
    case Phase::kStage:
      return Stage(lander);
    case Phase::kRecheck:
      lander.phase = CurrentId() == lander.seen ? Phase::kDecide : Phase::kDrop;
      return;
    case Phase::kDecide:
      return Decide(number);
    case Phase::kPublish:
      if (lander.to_publish.empty()) lander.phase = Phase::kPositions;
      return Publish(number);
    case Phase::kDrop:
      if (lander.files.empty()) return void(lander.phase = Phase::kReadLedger);
      MoveFromStaging(lander.files.back(), Place::kNowhere);
      lander.files.pop_back();
      return;
  }
}

// The next rename, or the batch's mark.
void ModelWorld::Publish(size_t number) {
  ModelLander& lander = landers_[number];
  if (lander.to_publish.empty()) return;
  auto& [batch_number, next] = lander.to_publish.front();
  ModelBatch& batch = batches_[static_cast<size_t>(batch_number)];
  if (next == batch.files.size()) {
    const BatchId id(batch_number + 1);
    lander.to_publish.erase(lander.to_publish.begin());
    if (ledger_.MarkPublished(number, id) == Outcome::kEnded) return End(number);
    batches_[static_cast<size_t>(id.value() - 1)].is_published = true;
    return;
  }
  const int file = batch.files[next++];
  if (MoveFromStaging(file, Place::kVisible)) {
    ++visible_;
  } else if (!IsIn(file, Place::kVisible)) {
    Report("a decided file is neither in staging nor in its place");
  }
}

bool ModelWorld::MoveFromStaging(int file, Place to) {
  if (!IsIn(file, Place::kStaging)) return false;
  places_[static_cast<size_t>(file)] = to;
  return true;
}

void ModelWorld::RemoveOrphans(size_t number) {
  const auto list_staged = [&] {
    std::vector<int> staged;
    for (size_t file = 0; file < places_.size(); ++file) {
      if (places_[file] == Place::kStaging) staged.push_back(static_cast<int>(file));
    }
    return staged;
  };
  const auto is_decided = [&](int file) {
    return std::any_of(batches_.begin(), batches_.end(), [&](const ModelBatch& batch) {
      return !batch.is_published &&
             std::find(batch.files.begin(), batch.files.end(), file) != batch.files.end();
    });
  };
  const auto unlink = [&](int file) { MoveFromStaging(file, Place::kNowhere); };
  if (ledger_.RemoveOrphans(number, list_staged, is_decided, unlink) == Outcome::kEnded) return End(number);
  landers_[number].phase = Phase::kReadLedger;
}

// What was read may be outdated by now: the rules decide.
void ModelWorld::Begin(size_t number) {
  ModelLander& lander = landers_[number];
  lander.phase = Phase::kPositions;
  if (!lander.known.empty() && lander.known != lander.seen) {
    const Outcome adopted = ledger_.Adopt(number, lander.known, lander.seen);
    if (adopted == Outcome::kEnded) return End(number);
    if (adopted == Outcome::kRefused) return void(lander.phase = Phase::kReadLedger);
  }
  for (int p : {0, 1}) {
    if (!BeginPartition(number, p)) return End(number);
  }
}

// False: the lander must end.
bool ModelWorld::BeginPartition(size_t number, int p) {
  const ModelLander& lander = landers_[number];
  const TopicPartition partition = {lander.seen, PartitionId(p)};
  const Offset earliest(lander.seen_earliest[p]);
  const LedgerState& state = ledger_.State();
  const auto progress = state.partitions.find(partition);
  const bool has_begun = progress != state.partitions.end();
  const Offset next = has_begun ? progress->second.next : Offset();
  // A lander that read no beginning tries to make one, also where another lander was faster.
  if (!has_begun || Random(8) == 0) {
    const Outcome begun = ledger_.Begin(number, {"t", "t", partition, earliest});
    // Offsets before the beginning never belong to the lake.
    if (begun == Outcome::kDone) Account(partition, 0, earliest.value(), "a partition is begun twice");
    return begun != Outcome::kEnded;
  }
  if (next >= earliest) return true;
  const Outcome lost = ledger_.AcceptLoss(number, {partition, {next, earliest}, 1});
  if (lost == Outcome::kDone) Account(partition, next.value(), earliest.value(), "a landed record is lost");
  return lost != Outcome::kEnded;
}

// Consumes the topic that bears the name now: a recreated topic is read without an error.
void ModelWorld::Stage(ModelLander& lander) {
  lander.proposal = {};
  lander.proposal.contract_yaml = "c";
  lander.files.clear();
  for (int p : {0, 1}) {
    const int64_t from = lander.position[p];
    if (from < topic_.earliest[p])
      return void(lander.phase = Phase::kDrop);  // expired, which the client reports
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
    const std::string digits = std::to_string(file);
    proposed.file_name = "000000000000-" + std::string(12 - digits.size(), '0') + digits + ".parquet";
    proposed.staged_name = ModelStagedName(file);
    proposed.rows = to - from;
    proposed.bytes = 1;
    lander.proposal.files.push_back(proposed);
  }
  lander.phase = lander.files.empty() ? Phase::kReadLedger : Phase::kRecheck;
}

void ModelWorld::Decide(size_t number) {
  ModelLander& lander = landers_[number];
  const auto staged_files_exist = [&] {
    return std::all_of(lander.files.begin(), lander.files.end(),
                       [&](int file) { return IsIn(file, Place::kStaging); });
  };
  const Outcome decided = ledger_.Decide(number, lander.proposal, staged_files_exist);
  if (decided == Outcome::kRefused) {
    ++conflicts_;
    lander.phase = Phase::kDrop;
    return;
  }
  // The outcome may be unknown to the lander, which ends; the ledger has it, or not.
  const auto last = static_cast<size_t>(ledger_.State().last_batch.value());
  if (decided == Outcome::kEnded && last == batches_.size()) return End(number);
  batches_.push_back({lander.files, false});
  if (last != batches_.size()) Report("a batch has the wrong number");
  Land(lander);
  if (decided == Outcome::kEnded || Random(10) == 0) return End(number);
  lander.to_publish = {{static_cast<int>(batches_.size()) - 1, 0}};
  lander.phase = Phase::kPublish;
}

void ModelWorld::Land(const ModelLander& lander) {
  for (const int number : lander.files) {
    const ModelFile& file = files_[static_cast<size_t>(number)];
    if (file.read_from != file.claimed.topic_id) Report("records of one topic are landed as another's");
    Account(file.claimed, file.from, file.to, "a record is landed twice");
  }
}

void ModelWorld::Account(const TopicPartition& partition, int64_t from, int64_t to, const char* violation) {
  uint64_t& accounted = Accounted(partition);
  const uint64_t offsets = ((uint64_t{1} << to) - 1) & ~((uint64_t{1} << from) - 1);
  if ((accounted & offsets) != 0) Report(violation);
  accounted |= offsets;
}

void ModelWorld::Check() {
  size_t named = 0;
  for (const ModelBatch& batch : batches_) {
    for (const int file : batch.files) {
      const bool is_visible = IsIn(file, Place::kVisible);
      named += is_visible;
      if (batch.is_published && !is_visible) Report("a published file is not in its place");
      if (!is_visible && IsIn(file, Place::kNowhere)) Report("a decided file is missing");
    }
  }
  if (named != visible_) Report("a visible file is in no batch");
  const LedgerState& state = ledger_.State();
  if (state.last_batch.value() != static_cast<int64_t>(batches_.size()))
    Report("the ledger has another last batch");
  int current = 0;
  for (const auto& [id, topic] : state.topics) current += topic.current;
  if (current > 1) Report("a topic has two current ids");
  for (const auto& [partition, progress] : state.partitions) {
    // No gap and no overlap: every offset below `next` is accounted for, and none above.
    if (Accounted(partition) != (uint64_t{1} << progress.next.value()) - 1)
      Report("landed and lost offsets do not tile up to the ledger's next offset");
  }
}

std::string ModelWorld::Unfinished() {
  if (!std::all_of(batches_.begin(), batches_.end(),
                   [](const ModelBatch& batch) { return batch.is_published; })) {
    return "a decided batch is never published";
  }
  const LedgerState& state = ledger_.State();
  for (int p : {0, 1}) {
    const auto progress = state.partitions.find({CurrentId(), PartitionId(p)});
    if (progress == state.partitions.end()) return "the current topic is never begun";
    if (progress->second.next.value() < topic_.end[p]) return "records of the current topic are never landed";
  }
  return "";
}

}  // namespace forebay
