#include "native/batch_in_progress.h"

namespace forebay {

BatchInProgress BatchInProgress::After(const BatchInProgress& previous) {
  BatchInProgress next;
  for (const TopicPart& topic : previous.topics) {
    TopicPart& part = next.topics.emplace_back();
    for (const PartitionInBatch& done : topic.partitions) {
      PartitionInBatch& progress = part.partitions.emplace_back();
      progress.owned = done.owned;
      progress.end = done.end;
      progress.range.partition = done.range.partition;
      progress.range.offsets = {done.range.offsets.to, done.range.offsets.to};
    }
  }
  return next;
}

std::vector<BatchRange> BatchInProgress::Ranges() const {
  std::vector<BatchRange> ranges;
  for (const TopicPart& topic : topics) {
    for (const PartitionInBatch& progress : topic.partitions) {
      if (progress.owned && progress.advanced()) ranges.push_back(progress.range);
    }
  }
  return ranges;
}

std::vector<QuarantineCount> BatchInProgress::QuarantineCounts(const LandPlan& plan) const {
  std::vector<QuarantineCount> counts;
  for (const auto& [key, count] : rejects)
    counts.push_back({plan.topics[key.first].table->name, std::string(ReasonName(key.second)), count});
  return counts;
}

std::vector<UntimedCount> BatchInProgress::UntimedCounts(const LandPlan& plan) const {
  std::vector<UntimedCount> counts;
  for (size_t t = 0; t < topics.size(); ++t) {
    if (topics[t].untimed > 0) counts.push_back({plan.topics[t].table->name, topics[t].untimed});
  }
  return counts;
}

RefusedByReason BatchInProgress::RejectsByTopic(const LandPlan& plan) const {
  RefusedByReason refused;
  for (const auto& [key, count] : rejects)
    refused[{plan.topics[key.first].table->topic.name, std::string(ReasonName(key.second))}] = count;
  return refused;
}

}  // namespace forebay
