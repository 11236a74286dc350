#include "audit/lake_status.h"

#include <memory>
#include <utility>

#include "base/time.h"
#include "kafka/admin.h"
#include "ledger/open_lake.h"

namespace forebay {
namespace {

using AtBrokers = std::map<std::string, TopicAtBroker>;

Result<AtBrokers> AskBrokers(const LedgerSnapshot& snapshot, const kafka::ClientConfig& config,
                             const std::atomic<bool>* stop) {
  AtBrokers topics;
  std::vector<const LedgerTopic*> current;
  std::vector<std::string> names;
  for (const LedgerTopic& topic : snapshot.topics) {
    if (!topic.current) continue;
    current.push_back(&topic);
    names.push_back(topic.topic);
  }
  if (names.empty()) return topics;
  kafka::Patience patience;
  patience.stop = stop;
  FOREBAY_ASSIGN(const std::unique_ptr<kafka::Admin> admin, kafka::Admin::Open(config, patience));
  FOREBAY_ASSIGN(const std::vector<kafka::TopicInfo> infos, admin->DescribeTopics(names));
  std::vector<kafka::NamedPartition> partitions;
  for (size_t i = 0; i < infos.size(); ++i) {
    TopicAtBroker& topic = topics[names[i]];
    if (!infos[i].exists) {
      topic.trouble = "the brokers have no such topic";
    } else if (infos[i].id != current[i]->id) {
      topic.trouble =
          "it was deleted and made again; `forebay land --adopt-topic " + names[i] + "` takes the new one";
    } else {
      topic.partitions = infos[i].partitions;
      for (int32_t p = 0; p < infos[i].partitions; ++p) partitions.push_back({names[i], PartitionId(p)});
    }
  }
  if (partitions.empty()) return topics;
  FOREBAY_ASSIGN(const std::vector<kafka::Watermarks> marks, admin->QueryWatermarks(partitions));
  for (size_t i = 0; i < marks.size(); ++i) {
    topics[partitions[i].topic].marks[partitions[i].partition] = {marks[i].earliest, marks[i].stable};
  }
  return topics;
}

}  // namespace

Result<LakeStatus> ReadLakeStatus(const StatusOptions& options) {
  FOREBAY_ASSIGN(const OpenedLake opened, OpenLakeForReading(PosixFs(), options.lake));
  FOREBAY_ASSIGN(const LedgerSnapshot snapshot, opened.ledger->Snapshot());
  LakeStatus status;
  status.lake = opened.lake->paths().root();
  status.lake_id = snapshot.lake_id;
  status.now_ms = options.completeness.now_ms;
  status.last_batch = snapshot.last_batch;
  status.lost = snapshot.lost;
  status.adoptions = snapshot.adoptions;
  FOREBAY_ASSIGN(const std::vector<std::string> staged, opened.lake->ListStaged());
  status.staged_files = staged.size();
  FOREBAY_ASSIGN(status.free_bytes, opened.lake->FreeBytes());
  for (const LedgerBatch& batch : snapshot.batches) {
    if (batch.state == BatchState::kDecided) status.half_published.push_back(batch.id);
    status.engine = batch.engine + " " + batch.engine_version;
    status.last_landed_at_ms = batch.decided_at_ms;
  }
  std::optional<AtBrokers> brokers;
  if (options.broker) {
    FOREBAY_ASSIGN(brokers, AskBrokers(snapshot, *options.broker, options.stop));
    status.broker_asked = true;
  }
  status.tables = SumUpTables(snapshot, brokers, options.completeness);
  return status;
}

}  // namespace forebay
