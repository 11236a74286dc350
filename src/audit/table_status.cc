#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "audit/lake_status.h"
#include "lake/paths.h"

namespace forebay {
namespace {

template <typename T>
void KeepNewest(std::optional<T>* newest, const std::optional<T>& other) {
  if (other && (!*newest || **newest < *other)) *newest = other;
}

// What all batches of one table add up to.
struct TableSum {
  TableStatus status;
  std::map<PartitionId, PartitionAdvance> advance;
  bool unpublished = false;
};

void AddRange(const LedgerBatch& batch, const BatchRange& range, bool current, TableSum* sum) {
  if (batch.state != BatchState::kPublished) {
    sum->unpublished = true;
    return;
  }
  TableStatus& status = sum->status;
  status.tombstones += static_cast<uint64_t>(range.tombstones);
  KeepNewest(&status.newest_event_us, range.max_event_time_us);
  KeepNewest(&status.newest_kafka_ms, range.last_kafka_timestamp_ms);
  KeepNewest(&status.last_landed_at_ms, std::optional<int64_t>(batch.decided_at_ms));
  PartitionAdvance& advance = sum->advance[range.partition.partition];
  if (range.max_event_time_us &&
      (advance.max_event_us.empty() || advance.max_event_us.back().second < *range.max_event_time_us)) {
    advance.max_event_us.emplace_back(batch.id, *range.max_event_time_us);
  }
  const bool any_records = range.rows + range.quarantined + range.tombstones > 0;
  // Records without a timestamp count as of when they were landed.
  if (any_records) {
    KeepNewest(&advance.last_active_ms, range.last_kafka_timestamp_ms
                                            ? range.last_kafka_timestamp_ms
                                            : std::optional<int64_t>(batch.decided_at_ms));
  }
  if (!current) return;
  for (PartitionStatus& partition : status.partitions) {
    if (partition.partition != range.partition.partition) continue;
    KeepNewest(&partition.newest_event_us, range.max_event_time_us);
    KeepNewest(&partition.newest_kafka_ms, range.last_kafka_timestamp_ms);
  }
}

// "2025-10-30" out of "weather=rain/date=2025-10-30"; the directory itself where the table has no periods.
std::string PeriodOf(const std::optional<PartitionDimension>& dimension, const std::string& partition_dir) {
  const auto levels = ParsePartitionDirectory(partition_dir);
  if (!dimension || !levels) return partition_dir;
  for (const PartitionLevel& level : *levels) {
    if (level.name == dimension->name) return level.value;
  }
  return partition_dir;
}

void AddPeriods(const LedgerSnapshot& snapshot, const CompletenessOptions& options, TableSum* sum) {
  const std::optional<Table> table = NewestTable(snapshot, sum->status.table);
  const std::optional<PartitionDimension> dimension = table ? PeriodDimension(*table) : std::nullopt;
  std::map<std::string, PeriodStatus> periods;
  for (const LedgerBatch& batch : snapshot.batches) {
    if (batch.state != BatchState::kPublished) continue;
    for (const LedgerFile& file : batch.files) {
      if (file.place.table != sum->status.table || file.state != FileState::kPresent) continue;
      PeriodStatus& period = periods[PeriodOf(dimension, file.place.partition_dir)];
      period.rows += static_cast<uint64_t>(file.file.rows);
      period.files += 1;
      period.bytes += static_cast<uint64_t>(file.file.bytes);
      period.checksum += file.file.position_sum;
      period.key_sum += file.file.key_sum;
      period.last_batch = batch.id;
      period.last_landed_at_ms = batch.decided_at_ms;
    }
  }
  for (auto& [name, period] : periods) {
    period.period = name;
    const std::optional<int64_t> end = dimension ? PeriodEnd(*dimension, name) : std::nullopt;
    if (end) {
      PeriodVerdict verdict = JudgePeriod(*end, sum->advance, sum->unpublished, options);
      period.state = verdict.state;
      period.waits_for = std::move(verdict.waits_for);
      period.completed_by = verdict.completed_by;
      period.reopened = verdict.completed_by && period.last_batch > *verdict.completed_by;
    }
    sum->status.rows += period.rows;
    sum->status.files += period.files;
    sum->status.bytes += period.bytes;
    sum->status.periods.push_back(std::move(period));
  }
}

// The current incarnation's partitions, with those that the brokers have and nobody has begun to land.
void AddPartitions(const LedgerSnapshot& snapshot, const TopicAtBroker* at_broker, TableSum* sum) {
  for (const LedgerPartition& partition : snapshot.partitions) {
    if (partition.partition.topic_id != sum->status.topic_id) continue;
    PartitionStatus status;
    status.partition = partition.partition.partition;
    status.beginning = partition.beginning;
    status.next = partition.next;
    sum->status.partitions.push_back(status);
  }
  if (at_broker == nullptr) return;
  sum->status.trouble = at_broker->trouble;
  for (const auto& [partition, marks] : at_broker->marks) {
    auto known = std::find_if(sum->status.partitions.begin(), sum->status.partitions.end(),
                              [&](const PartitionStatus& status) { return status.partition == partition; });
    if (known == sum->status.partitions.end()) {
      known = sum->status.partitions.insert(known, PartitionStatus());
      known->partition = partition;
    }
    known->earliest = marks.first;
    known->stable = marks.second;
  }
}

TableStatus SumUpTable(const LedgerSnapshot& snapshot, const LedgerTopic& topic,
                       const TopicAtBroker* at_broker, const CompletenessOptions& options) {
  TableSum sum;
  sum.status.table = topic.table;
  sum.status.topic = topic.topic;
  sum.status.topic_id = topic.id;
  AddPartitions(snapshot, at_broker, &sum);
  std::set<TopicId> incarnations;
  for (const LedgerTopic& known : snapshot.topics) {
    if (known.table == topic.table) incarnations.insert(known.id);
  }
  for (const LedgerBatch& batch : snapshot.batches) {
    for (const BatchRange& range : batch.ranges) {
      if (!incarnations.contains(range.partition.topic_id)) continue;
      AddRange(batch, range, range.partition.topic_id == topic.id, &sum);
    }
    if (batch.state != BatchState::kPublished) continue;
    for (const QuarantineCount& count : batch.quarantine) {
      if (count.table == topic.table)
        sum.status.quarantined[count.reason] += static_cast<uint64_t>(count.records);
    }
  }
  for (const PartitionStatus& partition : sum.status.partitions) {
    PartitionAdvance& advance = sum.advance[partition.partition];
    advance.next = partition.next;
    advance.stable = partition.stable;
  }
  AddPeriods(snapshot, options, &sum);
  return std::move(sum.status);
}

}  // namespace

std::optional<Table> NewestTable(const LedgerSnapshot& snapshot, const std::string& table) {
  std::set<std::string> tried;
  for (auto batch = snapshot.batches.rbegin(); batch != snapshot.batches.rend(); ++batch) {
    if (!tried.insert(batch->contract_hash).second) continue;
    const auto yaml = snapshot.contracts.find(batch->contract_hash);
    if (yaml == snapshot.contracts.end()) continue;
    const Result<Contract> contract = ParseContract(yaml->second, "the contract of a batch");
    const Table* const found = contract.ok() ? contract->FindTable(table) : nullptr;
    if (found != nullptr) return *found;
  }
  return std::nullopt;
}

std::optional<int64_t> TableStatus::lag() const {
  std::optional<int64_t> sum;
  for (const PartitionStatus& partition : partitions) {
    if (!partition.lag()) return std::nullopt;
    sum = sum.value_or(0) + *partition.lag();
  }
  return sum;
}

std::vector<TableStatus> SumUpTables(const LedgerSnapshot& snapshot,
                                     const std::optional<std::map<std::string, TopicAtBroker>>& brokers,
                                     const CompletenessOptions& options) {
  std::vector<TableStatus> tables;
  for (const LedgerTopic& topic : snapshot.topics) {
    if (!topic.current) continue;
    const auto at_broker =
        brokers ? brokers->find(topic.topic) : std::map<std::string, TopicAtBroker>::const_iterator();
    const bool asked = brokers && at_broker != brokers->end();
    tables.push_back(SumUpTable(snapshot, topic, asked ? &at_broker->second : nullptr, options));
  }
  std::sort(tables.begin(), tables.end(), [](const auto& a, const auto& b) { return a.table < b.table; });
  return tables;
}

}  // namespace forebay
