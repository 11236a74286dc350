#include "verify/expired_unlanded.h"

#include <fmt/format.h>

#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "kafka/admin.h"

namespace forebay {
namespace {

// A partition at the brokers, of a topic of the scope.
struct AtBroker {
  size_t topic = 0;
  PartitionId partition;
};

// Appends topics that are deleted, or are others by now, to `gone`.
Result<std::vector<AtBroker>> PartitionsAtBrokers(const AuditScope& scope, kafka::Admin& admin,
                                                  std::vector<TopicId>* gone) {
  std::vector<size_t> topics;
  std::vector<std::string> names;
  for (size_t i = 0; i < scope.topics().size(); ++i) {
    if (!scope.topics()[i].current) continue;
    topics.push_back(i);
    names.push_back(scope.topics()[i].topic);
  }
  std::vector<AtBroker> partitions;
  if (names.empty()) return partitions;
  FOREBAY_ASSIGN(const std::vector<kafka::TopicInfo> infos, admin.DescribeTopics(names));
  for (size_t i = 0; i < infos.size(); ++i) {
    const TopicId& id = scope.topics()[topics[i]].id;
    if (!infos[i].exists || infos[i].id != id) {
      gone->push_back(id);
      continue;
    }
    for (int32_t p = 0; p < infos[i].partitions; ++p) partitions.push_back({topics[i], PartitionId(p)});
  }
  return partitions;
}

}  // namespace

Status ReportExpiredUnlanded(const AuditScope& scope, Ledger& ledger, const kafka::ClientConfig& config,
                             const kafka::RetryOptions& retry, FindingLog& log,
                             std::vector<OffsetSet>* expired) {
  FOREBAY_ASSIGN(const std::unique_ptr<kafka::Admin> admin, kafka::Admin::Open(config, retry));
  std::vector<TopicId> gone_topics;
  FOREBAY_ASSIGN(const std::vector<AtBroker> partitions, PartitionsAtBrokers(scope, *admin, &gone_topics));
  std::vector<kafka::NamedPartition> names;
  for (const AtBroker& each : partitions) names.push_back({scope.topics()[each.topic].topic, each.partition});
  FOREBAY_ASSIGN(const std::vector<kafka::Watermarks> marks, admin->QueryWatermarks(names));
  FOREBAY_ASSIGN(auto landed, ledger.NextPositions());
  expired->assign(scope.partitions().size(), {});
  // What was not landed of them is gone with them; other findings tell of the topics.
  for (const TopicId& id : gone_topics) {
    for (const auto& [partition, at] : landed[id]) {
      const auto index = scope.FindPartition({id, partition, at.incarnation});
      if (index) (*expired)[*index] = {{at.next, Offset(std::numeric_limits<int64_t>::max())}};
    }
  }
  for (size_t i = 0; i < partitions.size(); ++i) {
    const auto& [topic, partition] = partitions[i];
    const TopicId& id = scope.topics()[topic].id;
    LogPosition at{kFirstIncarnation, Offset(0)};
    if (const auto of_topic = landed.find(id); of_topic != landed.end()) {
      if (const auto known = of_topic->second.find(partition); known != of_topic->second.end())
        at = known->second;
    }
    const Offset next = at.next;
    if (marks[i].earliest <= next) continue;
    const OffsetRange gone{next, marks[i].earliest};
    Finding finding = scope.TopicFinding(FindingKind::kExpiredUnlanded, topic);
    finding.partition = partition;
    finding.offsets = gone;
    finding.detail = fmt::format("partition {} is landed up to {}, and the earliest offset in Kafka is {}",
                                 partition.value(), next.value(), marks[i].earliest.value());
    log.Add(std::move(finding));
    if (const auto index = scope.FindPartition({id, partition, at.incarnation})) (*expired)[*index] = {gone};
  }
  return Ok();
}

}  // namespace forebay
