#include "verify/expired_unlanded.h"

#include <fmt/format.h>

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

Result<std::vector<AtBroker>> PartitionsAtBrokers(const AuditScope& scope, kafka::Admin& admin) {
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
    if (!infos[i].exists || infos[i].id != scope.topics()[topics[i]].id) continue;
    for (int32_t p = 0; p < infos[i].partitions; ++p) partitions.push_back({topics[i], PartitionId(p)});
  }
  return partitions;
}

}  // namespace

Status ReportExpiredUnlanded(const AuditScope& scope, Ledger& ledger, const kafka::ClientConfig& config,
                             const kafka::RetryOptions& retry, FindingLog& log,
                             std::vector<OffsetSet>* expired) {
  FOREBAY_ASSIGN(const std::unique_ptr<kafka::Admin> admin, kafka::Admin::Open(config, retry));
  FOREBAY_ASSIGN(const std::vector<AtBroker> partitions, PartitionsAtBrokers(scope, *admin));
  std::vector<kafka::NamedPartition> names;
  for (const AtBroker& each : partitions) names.push_back({scope.topics()[each.topic].topic, each.partition});
  FOREBAY_ASSIGN(const std::vector<kafka::Watermarks> marks, admin->QueryWatermarks(names));
  std::map<size_t, std::map<PartitionId, LogPosition>> landed;
  expired->assign(scope.partitions().size(), {});
  for (size_t i = 0; i < partitions.size(); ++i) {
    const auto& [topic, partition] = partitions[i];
    const TopicId& id = scope.topics()[topic].id;
    if (!landed.contains(topic)) {
      FOREBAY_ASSIGN(landed[topic], ledger.NextPositions(id));
    }
    const auto known = landed[topic].find(partition);
    const LogPosition at =
        known == landed[topic].end() ? LogPosition{kFirstIncarnation, Offset(0)} : known->second;
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
