#include "status/lake_status.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "base/time.h"
#include "contract/topics.h"
#include "status/lake_reader.h"

namespace forebay {

namespace {

template <typename Member>
std::optional<int64_t> SumOver(const std::vector<PartitionStatus>& partitions, const Member& member) {
  std::optional<int64_t> sum;
  for (const PartitionStatus& partition : partitions) {
    if (partition.has_ended) continue;
    const std::optional<int64_t> value = member(partition);
    if (!value) return std::nullopt;
    sum = sum.value_or(0) + *value;
  }
  return sum;
}

bool IsHeldAt(const TopicAtBroker& topic, PartitionId partition, Offset stable) {
  const auto mark = topic.marks.find(partition);
  return mark != topic.marks.end() && mark->second.stable == stable && mark->second.end > stable;
}

// By topic id.
std::map<TopicId, std::map<TopicPartition, Offset>> LandedPositions(
    const std::vector<LedgerPartition>& partitions) {
  std::map<TopicId, std::map<TopicPartition, Offset>> positions;
  for (const LedgerPartition& known : partitions) {
    if (known.current) positions[known.partition.topic_id][known.partition] = known.next;
  }
  return positions;
}

// Asks where the records younger than each topic's freshness begin: for all topics of the same freshness at
// once.
Status QueryFreshness(const std::map<std::string, int64_t>& freshness_ms, kafka::Admin& admin,
                      TopicsAtBrokers* topics) {
  const int64_t now_ms = WallClockMillis();
  std::map<int64_t, std::vector<kafka::NamedPartition>> by_freshness;
  for (const auto& [name, limit_ms] : freshness_ms) {
    const auto topic = topics->find(name);
    if (topic == topics->end()) continue;
    for (const auto& [partition, marks] : topic->second.marks)
      by_freshness[limit_ms].push_back({name, partition});
  }
  for (const auto& [limit_ms, partitions] : by_freshness) {
    FOREBAY_ASSIGN(const std::vector<Offset> offsets,
                   admin.OffsetsForTimestamp(partitions, std::max<int64_t>(now_ms - limit_ms, 0)));
    for (size_t i = 0; i < offsets.size(); ++i)
      (*topics)[partitions[i].topic].fresh[partitions[i].partition] = offsets[i];
  }
  return Ok();
}

}  // namespace

std::optional<int64_t> TableStatus::lag() const {
  return SumOver(partitions, [](const PartitionStatus& partition) { return partition.lag(); });
}

std::optional<int64_t> TableStatus::expired() const {
  return SumOver(partitions, [](const PartitionStatus& partition) { return partition.expired(); });
}

std::optional<int64_t> TableStatus::held_back() const {
  return SumOver(partitions, [](const PartitionStatus& partition) { return partition.held_back(); });
}

std::optional<int64_t> TableStatus::cut_back() const {
  return SumOver(partitions, [](const PartitionStatus& partition) { return partition.cut_back; });
}

Result<TopicsAtBrokers> QueryBrokers(const BrokerQuery& query, kafka::Admin& admin) {
  TopicsAtBrokers topics_at_brokers;
  std::vector<const LedgerTopic*> current;
  std::vector<std::string> names;
  for (const LedgerTopic& topic : query.topics) {
    if (!topic.current) continue;
    current.push_back(&topic);
    names.push_back(topic.topic);
  }
  if (names.empty()) return topics_at_brokers;
  FOREBAY_ASSIGN(const std::vector<kafka::TopicInfo> infos, admin.DescribeTopics(names));
  std::vector<kafka::NamedPartition> partitions;
  auto landed = LandedPositions(query.partitions);
  for (size_t i = 0; i < infos.size(); ++i) {
    TopicAtBroker& topic = topics_at_brokers[names[i]];
    topic.landed = std::move(landed[current[i]->id]);
    topic.exists = infos[i].exists;
    if (!infos[i].exists) {
      topic.error = "not found at the brokers";
    } else if (infos[i].id != current[i]->id) {
      topic.error = "deleted and recreated; `forebay land --adopt-topic " + names[i] + "` adopts the new one";
    } else {
      topic.partitions = infos[i].partitions;
      for (int32_t p = 0; p < infos[i].partitions; ++p) partitions.push_back({names[i], PartitionId(p)});
    }
  }
  if (partitions.empty()) return topics_at_brokers;
  FOREBAY_ASSIGN(const std::vector<kafka::Watermarks> marks, admin.QueryWatermarks(partitions));
  for (size_t i = 0; i < marks.size(); ++i) {
    topics_at_brokers[partitions[i].topic].marks[partitions[i].partition] = marks[i];
  }
  FOREBAY_TRY(QueryFreshness(query.freshness_ms, admin, &topics_at_brokers));
  return topics_at_brokers;
}

void DescribeTransactions(kafka::Admin& admin, const TopicsAtBrokers* before, TopicsAtBrokers* topics) {
  std::vector<kafka::HeldPartition> asked;
  for (auto& [name, topic] : *topics) {
    const TopicAtBroker* const then =
        before != nullptr && before->contains(name) ? &before->at(name) : nullptr;
    for (const auto& [partition, mark] : topic.marks) {
      if (mark.end <= mark.stable) continue;
      if (before != nullptr) {
        if (then == nullptr || !IsHeldAt(*then, partition, mark.stable)) continue;
        const auto known = then->transactions.find(partition);
        if (known != then->transactions.end() && known->second.since_ms) {
          topic.transactions.insert(*known);
          continue;
        }
      }
      asked.push_back({name, partition, mark.stable, mark.end});
    }
  }
  const std::vector<kafka::OpenTransaction> answers = admin.DescribeTransactions(asked);
  for (size_t i = 0; i < asked.size(); ++i) {
    (*topics)[asked[i].topic].transactions[asked[i].partition] = answers[i];
  }
}

Result<LakeStatus> ReadLakeStatus(const StatusOptions& options) {
  FOREBAY_ASSIGN(const std::unique_ptr<LakeReader> reader, LakeReader::Open(options.lake));
  FOREBAY_TRY(reader->Refresh());
  reader->RefreshExamples();
  std::optional<TopicsAtBrokers> brokers;
  std::string broker_error;
  if (options.broker) {
    const auto query = [&]() -> Result<TopicsAtBrokers> {
      FOREBAY_ASSIGN(const std::unique_ptr<kafka::Admin> admin,
                     kafka::Admin::Open(*options.broker,
                                        {options.broker_timeout_ms, options.stop, kafka::kBrokersDownMs}));
      FOREBAY_ASSIGN(TopicsAtBrokers found, QueryBrokers(reader->broker_query(), *admin));
      DescribeTransactions(*admin, nullptr, &found);
      return found;
    };
    Result<TopicsAtBrokers> answer = query();
    if (answer.ok()) {
      brokers = std::move(answer).value();
      // Otherwise records that a lander has landed meanwhile might seem to have expired.
      FOREBAY_TRY(reader->Refresh());
    } else if (answer.error().code() == ErrorCode::kUnavailable) {
      broker_error = answer.error().message();
    } else {
      return answer.error();
    }
  }
  FOREBAY_ASSIGN(LakeStatus status, reader->Describe(brokers, options.completeness));
  if (options.broker) status.brokers = options.broker->brokers();
  status.brokers_queried = options.broker.has_value();
  status.broker_error = broker_error;
  return status;
}

std::optional<Table> NewestTable(const LedgerSnapshot& snapshot, const std::string& table) {
  std::set<std::string> tried;
  auto topics_of = TopicsByTable(snapshot.topics);
  for (auto batch = snapshot.batches.rbegin(); batch != snapshot.batches.rend(); ++batch) {
    if (!tried.insert(batch->contract_hash).second) continue;
    const auto yaml = snapshot.contracts.find(batch->contract_hash);
    if (yaml == snapshot.contracts.end()) continue;
    const Result<Contract> contract = ParseContract(yaml->second, "the contract of a batch");
    if (!contract.ok()) continue;
    const Table* const found = contract->FindTable(table, TemplateTopic(*contract, table, topics_of[table]));
    if (found != nullptr) return *found;
  }
  return std::nullopt;
}

}  // namespace forebay
