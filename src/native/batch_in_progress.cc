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

std::vector<TableOutcome> BatchInProgress::Outcomes(const LandPlan& plan) const {
  std::vector<TableOutcome> outcomes;
  for (size_t t = 0; t < topics.size(); ++t) {
    TableOutcome& outcome = outcomes.emplace_back();
    outcome.table = plan.topics[t].table->name;
    outcome.rows = RowsOf(t);
    for (const PartitionInBatch& progress : topics[t].partitions) {
      if (progress.owned) outcome.rejected += progress.range.quarantined;
    }
  }
  return outcomes;
}

int64_t BatchInProgress::RowsOf(size_t topic) const {
  int64_t rows = 0;
  for (const PartitionInBatch& progress : topics[topic].partitions) {
    if (progress.owned) rows += progress.range.rows;
  }
  return rows;
}

}  // namespace forebay
