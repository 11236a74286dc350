#include "status/lake_status.h"

#include <memory>
#include <set>
#include <utility>

#include "status/lake_reader.h"

namespace forebay {

namespace {

template <typename Member>
std::optional<int64_t> SumOver(const std::vector<PartitionStatus>& partitions, const Member& member) {
  std::optional<int64_t> sum;
  for (const PartitionStatus& partition : partitions) {
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

Result<TopicsAtBrokers> QueryBrokers(const std::vector<LedgerTopic>& topics, kafka::Admin& admin) {
  TopicsAtBrokers topics_at_brokers;
  std::vector<const LedgerTopic*> current;
  std::vector<std::string> names;
  for (const LedgerTopic& topic : topics) {
    if (!topic.current) continue;
    current.push_back(&topic);
    names.push_back(topic.topic);
  }
  if (names.empty()) return topics_at_brokers;
  FOREBAY_ASSIGN(const std::vector<kafka::TopicInfo> infos, admin.DescribeTopics(names));
  std::vector<kafka::NamedPartition> partitions;
  for (size_t i = 0; i < infos.size(); ++i) {
    TopicAtBroker& topic = topics_at_brokers[names[i]];
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
  if (options.broker) {
    kafka::RetryOptions retry;
    retry.stop = options.stop;
    FOREBAY_ASSIGN(const std::unique_ptr<kafka::Admin> admin, kafka::Admin::Open(*options.broker, retry));
    FOREBAY_ASSIGN(brokers, QueryBrokers(reader->topics(), *admin));
    DescribeTransactions(*admin, nullptr, &*brokers);
    // Otherwise records that a lander has landed meanwhile might seem to have expired.
    FOREBAY_TRY(reader->Refresh());
  }
  FOREBAY_ASSIGN(LakeStatus status, reader->Describe(brokers, options.completeness));
  if (options.broker) status.brokers = options.broker->brokers();
  return status;
}

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

}  // namespace forebay
