#include "status/lake_status.h"

#include <memory>
#include <set>
#include <utility>

#include "status/lake_reader.h"

namespace forebay {

std::optional<int64_t> TableStatus::lag() const {
  std::optional<int64_t> sum;
  for (const PartitionStatus& partition : partitions) {
    if (!partition.lag()) return std::nullopt;
    sum = sum.value_or(0) + *partition.lag();
  }
  return sum;
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
    topics_at_brokers[partitions[i].topic].marks[partitions[i].partition] = {marks[i].earliest,
                                                                             marks[i].stable};
  }
  return topics_at_brokers;
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
  }
  return reader->Describe(brokers, options.completeness);
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
