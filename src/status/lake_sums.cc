#include "status/lake_sums.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "contract/topics.h"
#include "partition/directory.h"
#include "partition/period.h"
#include "store/paths.h"

namespace forebay {
namespace {

template <typename T>
void KeepNewest(std::optional<T>* newest, const std::optional<T>& other) {
  if (other && (!*newest || **newest < *other)) *newest = other;
}

// "2025-10-30" from "weather=rain/date=2025-10-30"; the directory itself if the table has no periods.
std::string PeriodOf(const std::optional<PartitionDimension>& dimension, const std::string& partition_dir) {
  const auto levels = ParsePartitionDirectory(partition_dir);
  if (!dimension || !levels) return partition_dir;
  const std::string* const value = FindLevel(*levels, dimension->name);
  return value == nullptr ? partition_dir : *value;
}

void Merge(const PeriodStatus& directory, PeriodStatus* period) {
  period->rows += directory.rows;
  period->files += directory.files;
  period->bytes += directory.bytes;
  period->checksum += directory.checksum;
  period->key_sum += directory.key_sum;
  if (directory.last_batch > period->last_batch) {
    period->last_batch = directory.last_batch;
    period->last_landed_at_ms = directory.last_landed_at_ms;
  }
}

void AddFile(const LedgerBatch& batch, const LedgerFile& file, PeriodStatus* directory) {
  directory->rows += static_cast<uint64_t>(file.file.rows);
  directory->files += 1;
  directory->bytes += static_cast<uint64_t>(file.file.bytes);
  directory->checksum += file.file.position_sum;
  directory->key_sum += file.file.key_sum;
  directory->last_batch = batch.id;
  directory->last_landed_at_ms = batch.decided_at_ms;
}

// By how many landed offsets the log was too short when the brokers were asked. What was landed meanwhile, or
// of another log, tells nothing about that.
int64_t CutBackBy(const TopicAtBroker& at_broker, const TopicPartition& log, Offset stable) {
  const auto landed = at_broker.landed.find(log);
  if (landed == at_broker.landed.end()) return 0;
  return std::max<int64_t>(0, landed->second.value() - stable.value());
}

// Why nothing is landed of a topic any more, if that is in order.
std::string EndOf(const Table* table, const LedgerTopic& topic, const TopicAtBroker* at_broker) {
  if (table == nullptr) return "";
  const std::optional<SelectedTopic> selected = FindTopic(*table, topic.topic);
  if (!selected) return "the contract does not have it any more";
  const bool is_gone = at_broker != nullptr && !at_broker->exists;
  return is_gone && !selected->by_name ? "deleted" : "";
}

// The partitions of the current incarnation of a topic, including those at the brokers that no lander has
// begun yet.
void AddPartitions(const std::vector<const LedgerPartition*>& landed, const TopicStatus& topic,
                   const TopicAtBroker* at_broker, TableStatus* table) {
  std::map<PartitionId, PartitionStatus> partitions;
  for (const LedgerPartition* const partition : landed) {
    PartitionStatus& status = partitions[partition->partition.partition];
    status.incarnation = partition->partition.incarnation;
    status.beginning = partition->beginning;
    status.next = partition->next;
  }
  static const std::map<PartitionId, kafka::Watermarks> kNone;
  for (const auto& [partition, marks] : at_broker == nullptr ? kNone : at_broker->marks) {
    PartitionStatus& status = partitions[partition];
    status.earliest = marks.earliest;
    status.stable = marks.stable;
    status.end = marks.end;
    status.cut_back = CutBackBy(*at_broker, {topic.id, partition, status.incarnation}, marks.stable);
    if (const auto fresh = at_broker->fresh.find(partition); fresh != at_broker->fresh.end())
      status.late_records = std::max<int64_t>(0, fresh->second.value() - status.next.value());
    const auto transaction = at_broker->transactions.find(partition);
    if (transaction != at_broker->transactions.end()) status.transaction = transaction->second;
  }
  for (auto& [partition, status] : partitions) {
    status.topic = topic.topic;
    status.topic_id = topic.id;
    status.has_ended = !topic.ended.empty();
    status.partition = partition;
    table->partitions.push_back(std::move(status));
  }
}

ServiceLevelFacts FactsOf(const TableStatus& table, const std::optional<int64_t>& latency_ms,
                          const CompletenessOptions& options) {
  ServiceLevelFacts facts;
  facts.table = table.table;
  facts.now_ms = options.now_ms;
  facts.lag = table.lag();
  facts.latency_ms = latency_ms;
  for (const PartitionStatus& partition : table.partitions) {
    if (partition.late_records && !partition.has_ended)
      facts.late_records = facts.late_records.value_or(0) + *partition.late_records;
  }
  for (const PeriodStatus& period : table.periods) {
    if (period.end_us && period.rows > 0) facts.period_ends_us.push_back(*period.end_us);
  }
  return facts;
}

}  // namespace

void LakeSums::Add(const LedgerBatch& batch, const LedgerSnapshot& now) {
  AddContract(batch.contract_hash);
  const auto topics = TopicsById(now.topics);
  for (const BatchRange& range : batch.ranges) {
    const auto topic = topics.find(range.partition.topic_id);
    if (topic == topics.end()) continue;
    AddRange(batch, range, *topic->second, now.partitions, &tables_[topic->second->table]);
  }
  for (const QuarantineCount& count : batch.quarantine) {
    tables_[count.table].quarantined[count.reason] += static_cast<uint64_t>(count.records);
  }
  for (const UntimedCount& count : batch.untimed) {
    tables_[count.table].untimed += static_cast<uint64_t>(count.records);
  }
  for (const LedgerFile& file : batch.files) {
    if (file.place.table == kQuarantineTable || file.state != FileState::kPresent) continue;
    AddFile(batch, file, &tables_[file.place.table].directories[file.place.partition_dir]);
  }
}

void LakeSums::AddRange(const LedgerBatch& batch, const BatchRange& range, const LedgerTopic& topic,
                        const std::vector<LedgerPartition>& partitions, TableSum* sum) {
  sum->landed += static_cast<uint64_t>(range.rows);
  sum->tombstones += static_cast<uint64_t>(range.tombstones);
  KeepNewest(&sum->newest_event_us, range.max_event_time_us);
  KeepNewest(&sum->newest_kafka_ms, range.last_kafka_timestamp_ms);
  KeepNewest(&sum->last_landed_at_ms, std::optional<int64_t>(batch.decided_at_ms));
  if (range.max_event_time_us && range.last_kafka_timestamp_ms) {
    const int64_t latency_ms =
        std::max<int64_t>(0, *range.last_kafka_timestamp_ms - *range.max_event_time_us / 1000);
    if (sum->last_events != batch.id) sum->latency_ms.reset();
    sum->last_events = batch.id;
    sum->latency_ms = std::min(sum->latency_ms.value_or(latency_ms), latency_ms);
  }
  PartitionNewest& newest = sum->newest[range.partition];
  KeepNewest(&newest.event_us, range.max_event_time_us);
  KeepNewest(&newest.kafka_ms, range.last_kafka_timestamp_ms);
  KeepNewest(&newest_kafka_ms_, range.last_kafka_timestamp_ms);
  PartitionAdvance& advance = sum->advance[{topic.topic, range.partition.partition}];
  advance.Follow(range.partition, partitions);
  advance.Add(batch, range);
}

void LakeSums::AddContract(const std::string& hash) {
  if (!contracts_.empty() && contracts_.back() == hash) return;
  std::erase(contracts_, hash);
  contracts_.push_back(hash);
}

const Contract* LakeSums::Parsed(const LedgerSnapshot& now, const std::string& hash) {
  const auto known = parsed_.find(hash);
  if (known != parsed_.end()) return known->second ? &*known->second : nullptr;
  const auto yaml = now.contracts.find(hash);
  if (yaml == now.contracts.end()) return nullptr;
  Result<Contract> contract = ParseContract(yaml->second, "the contract of a batch");
  auto& kept = parsed_[hash];
  if (contract.ok()) kept = std::move(contract).value();
  return kept ? &*kept : nullptr;
}

LakeSums::DescribedTable LakeSums::NewestTable(const LedgerSnapshot& now, const LedgerTopic& topic) {
  std::vector<std::string> newest_last = contracts_;
  for (const LedgerBatch& batch : now.batches) newest_last.push_back(batch.contract_hash);
  DescribedTable described;
  for (auto hash = newest_last.rbegin(); hash != newest_last.rend(); ++hash) {
    const Contract* const contract = Parsed(now, *hash);
    if (contract == nullptr) continue;
    described.table = contract->FindTable(topic.table, topic.topic);
    if (described.table != nullptr) return described;
    described.is_removed = true;
  }
  return {};
}

void LakeSums::AddPeriods(const std::optional<PartitionDimension>& dimension, bool unpublished,
                          const CompletenessOptions& options, TableSum* sum, TableStatus* status) {
  std::map<std::string, PeriodStatus> periods;
  for (const auto& [directory, totals] : sum->directories) {
    Merge(totals, &periods[PeriodOf(dimension, directory)]);
  }
  std::optional<Periods> known;
  std::string unknown;  // why the ends of periods are not known
  if (dimension) {
    status->time_zone = dimension->time_zone.empty() ? "UTC" : dimension->time_zone;
    Result<Periods> of = Periods::Of(*dimension);
    if (of.ok()) {
      known = std::move(of).value();
    } else {
      unknown = of.error().message();
    }
  }
  for (auto& [name, period] : periods) {
    period.period = name;
    period.waits_for = unknown;
    const std::optional<int64_t> end = known ? known->End(name) : std::nullopt;
    period.end_us = end;
    if (end) {
      Completeness completeness = EvaluatePeriod(*end, sum->advance, newest_kafka_ms_, unpublished, options);
      period.state = completeness.state;
      period.waits_for = std::move(completeness.waits_for);
      period.completed_by = completeness.completed_by;
      period.reopened = completeness.completed_by && period.last_batch > *completeness.completed_by;
    }
    status->rows += period.rows;
    status->files += period.files;
    status->bytes += period.bytes;
    status->periods.push_back(std::move(period));
  }
}

void LakeSums::AddPartitionFacts(const LedgerSnapshot& now, TableSum* sum, TableStatus* status) {
  for (PartitionStatus& partition : status->partitions) {
    const TopicPartition log{partition.topic_id, partition.partition, partition.incarnation};
    if (const auto newest = sum->newest.find(log); newest != sum->newest.end()) {
      partition.newest_event_us = newest->second.event_us;
      partition.newest_kafka_ms = newest->second.kafka_ms;
    }
    PartitionAdvance& advance = sum->advance[{partition.topic, partition.partition}];
    advance.Follow(log, now.partitions);  // nothing may have been landed of it yet
    advance.next = partition.next;
    advance.stable = partition.stable;
    advance.held_back = partition.held_back().value_or(0);
    advance.cut_back = partition.cut_back.value_or(0);
    advance.has_ended = partition.has_ended;
  }
}

TableStatus LakeSums::Describe(const LedgerSnapshot& now, const std::vector<const LedgerTopic*>& topics,
                               const PartitionsById& partitions,
                               const std::optional<TopicsAtBrokers>& brokers,
                               const CompletenessOptions& options) {
  const std::string& name = topics.front()->table;
  TableSum& sum = tables_[name];
  const auto [table, is_removed] = NewestTable(now, *topics.front());
  TableStatus status;
  status.table = name;
  status.in_contract = !is_removed;
  status.landed = sum.landed;
  status.tombstones = sum.tombstones;
  status.untimed = sum.untimed;
  status.quarantined = sum.quarantined;
  status.newest_event_us = sum.newest_event_us;
  status.newest_kafka_ms = sum.newest_kafka_ms;
  status.last_landed_at_ms = sum.last_landed_at_ms;
  for (const LedgerTopic* const topic : topics) {
    const TopicAtBroker* at_broker = nullptr;
    if (brokers && !is_removed) {  // of a removed table, what is there is not landed
      if (const auto found = brokers->find(topic->topic); found != brokers->end()) at_broker = &found->second;
    }
    TopicStatus& of = status.topics.emplace_back();
    of.topic = topic->topic;
    of.id = topic->id;
    of.ended = EndOf(table, *topic, at_broker);
    if (at_broker != nullptr && of.ended.empty()) of.error = at_broker->error;
    const auto landed = partitions.find(topic->id);
    AddPartitions(landed == partitions.end() ? std::vector<const LedgerPartition*>() : landed->second, of,
                  at_broker, &status);
  }
  AddPartitionFacts(now, &sum, &status);
  std::set<TopicId> incarnations;
  for (const LedgerTopic& known : now.topics) {
    if (known.table == name) incarnations.insert(known.id);
  }
  bool unpublished = false;
  for (const LedgerBatch& batch : now.batches) {
    if (batch.state == BatchState::kPublished) continue;
    for (const BatchRange& range : batch.ranges)
      unpublished = unpublished || incarnations.contains(range.partition.topic_id);
  }
  AddPeriods(table != nullptr ? PeriodDimension(*table) : std::nullopt, unpublished, options, &sum, &status);
  if (table != nullptr) {
    ServiceLevels levels = table->service_levels;
    if (is_removed) levels.freshness_ms.reset();  // nobody waits for its records
    status.service_levels = CompareServiceLevels(levels, FactsOf(status, sum.latency_ms, options));
  }
  return status;
}

std::map<std::string, int64_t> LakeSums::FreshnessByTopic(const LedgerSnapshot& now) {
  std::map<std::string, int64_t> freshness;
  for (const LedgerTopic& topic : now.topics) {
    if (!topic.current) continue;
    const auto [table, is_removed] = NewestTable(now, topic);
    if (table != nullptr && !is_removed && table->service_levels.freshness_ms)
      freshness[topic.topic] = *table->service_levels.freshness_ms;
  }
  return freshness;
}

std::vector<TableStatus> LakeSums::Tables(const LedgerSnapshot& now,
                                          const std::optional<TopicsAtBrokers>& brokers,
                                          const CompletenessOptions& options) {
  std::vector<TableStatus> tables;
  FieldSumsByTable fields;
  AddFieldCounts(now.fields, &fields);
  std::map<std::string, std::vector<const LedgerTopic*>> topics;  // current ones by table
  for (const LedgerTopic& topic : now.topics) {
    if (topic.current) topics[topic.table].push_back(&topic);
  }
  PartitionsById partitions;
  for (const LedgerPartition& partition : now.partitions) {
    if (partition.current) partitions[partition.partition.topic_id].push_back(&partition);
  }
  for (const auto& [table, of_table] : topics) {
    tables.push_back(Describe(now, of_table, partitions, brokers, options));
    tables.back().fields = fields[table];
  }
  return tables;
}

}  // namespace forebay
