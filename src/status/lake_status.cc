#include "status/lake_status.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "base/time.h"
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

namespace {

// Asks where the records younger than each topic's freshness begin.
Status QueryFreshness(const std::map<std::string, int64_t>& freshness_ms, kafka::Admin& admin,
                      TopicsAtBrokers* topics) {
  const int64_t now_ms = WallClockMillis();
  for (const auto& [name, limit_ms] : freshness_ms) {
    const auto topic = topics->find(name);
    if (topic == topics->end() || topic->second.marks.empty()) continue;
    std::vector<kafka::NamedPartition> partitions;
    for (const auto& [partition, marks] : topic->second.marks) partitions.push_back({name, partition});
    FOREBAY_ASSIGN(const std::vector<Offset> offsets,
                   admin.OffsetsForTimestamp(partitions, std::max<int64_t>(now_ms - limit_ms, 0)));
    for (size_t i = 0; i < offsets.size(); ++i) topic->second.fresh[partitions[i].partition] = offsets[i];
  }
  return Ok();
}

}  // namespace

Result<TopicsAtBrokers> QueryBrokers(const std::vector<LedgerTopic>& topics,
                                     const std::map<std::string, int64_t>& freshness_ms,
                                     kafka::Admin& admin) {
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
  FOREBAY_TRY(QueryFreshness(freshness_ms, admin, &topics_at_brokers));
  return topics_at_brokers;
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
                     kafka::Admin::Open(*options.broker, {options.broker_timeout_ms, options.stop}));
      return QueryBrokers(reader->topics(), reader->freshness_ms(), *admin);
    };
    Result<TopicsAtBrokers> answer = query();
    if (answer.ok()) {
      brokers = std::move(answer).value();
    } else if (answer.error().code() == ErrorCode::kUnavailable) {
      broker_error = answer.error().message();
    } else {
      return answer.error();
    }
  }
  FOREBAY_ASSIGN(LakeStatus status, reader->Describe(brokers, options.completeness));
  status.brokers_queried = options.broker.has_value();
  status.broker_error = broker_error;
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
