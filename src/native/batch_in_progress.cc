#include "native/batch_in_progress.h"

#include "compare/fingerprint.h"

namespace forebay {

BatchInProgress BatchInProgress::After(const BatchInProgress& previous) {
  BatchInProgress next;
  next.tables.resize(previous.tables.size());
  for (const TopicPart& topic : previous.topics) {
    TopicPart& part = next.topics.emplace_back();
    for (const PartitionInBatch& done : topic.partitions) {
      PartitionInBatch& progress = part.partitions.emplace_back();
      progress.owned = done.owned;
      progress.end = done.end;
      progress.range.partition = done.range.partition;
      progress.range.offsets = {done.range.offsets.to, done.range.offsets.to};
      progress.last_record = done.last_record;
      progress.leader_epoch = done.leader_epoch;
      progress.lost_connection = done.lost_connection;
    }
  }
  return next;
}

void BatchInProgress::NoteLostConnection() {
  for (TopicPart& topic : topics) {
    for (PartitionInBatch& progress : topic.partitions) progress.lost_connection = true;
  }
}

void BatchInProgress::ConfirmLastRecord(PartitionInBatch& progress) {
  progress.lost_connection = false;
  if (progress.last_message != nullptr) progress.last_record = LandedRecordOf(*progress.last_message);
  if (progress.last_record) to_confirm.emplace_back(progress.range.partition, *progress.last_record);
}

void BatchInProgress::KeepLastRecords() {
  for (TopicPart& topic : topics) {
    for (PartitionInBatch& progress : topic.partitions) {
      if (progress.last_message == nullptr) continue;
      progress.last_record = LandedRecordOf(*progress.last_message);
      progress.range.last_record = progress.last_record;
      progress.last_message = nullptr;
    }
  }
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
    counts.push_back({plan.tables[key.first].table->name, std::string(ReasonName(key.second)), count});
  return counts;
}

std::vector<UntimedCount> BatchInProgress::UntimedCounts(const LandPlan& plan) const {
  std::vector<UntimedCount> counts;
  for (size_t t = 0; t < tables.size(); ++t) {
    if (tables[t].untimed > 0) counts.push_back({plan.tables[t].table->name, tables[t].untimed});
  }
  return counts;
}

std::vector<TableOutcome> BatchInProgress::Outcomes(const LandPlan& plan) const {
  std::vector<TableOutcome> outcomes;
  for (size_t t = 0; t < topics.size(); ++t) {
    TableOutcome outcome{plan.TableOf(plan.topics[t]).name, 0, 0,
                         std::string(plan.RowTopicOf(plan.topics[t]))};
    for (const PartitionInBatch& progress : topics[t].partitions) {
      if (!progress.owned) continue;
      outcome.rows += progress.range.rows;
      outcome.rejected += progress.range.quarantined;
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

std::vector<int64_t> BatchInProgress::RowsByTable(const LandPlan& plan) const {
  std::vector<int64_t> rows(plan.tables.size());
  for (size_t t = 0; t < topics.size(); ++t) {
    for (const PartitionInBatch& progress : topics[t].partitions) {
      if (progress.owned) rows[plan.topics[t].table] += progress.range.rows;
    }
  }
  return rows;
}

}  // namespace forebay
