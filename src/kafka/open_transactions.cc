#include "kafka/open_transactions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/time.h"
#include "kafka/admin.h"
#include "kafka/consumer.h"
#include "kafka/describe_producers.h"
#include "kafka/handle.h"

namespace forebay::kafka {
namespace {

constexpr int kPollMs = 20;
constexpr double kReadSeconds = 3;
constexpr int kMetadataMs = 2'000;
constexpr int64_t kProducersMs = 2'000;

bool IsPlaintext(const ClientConfig& config) {
  return std::none_of(config.settings().begin(), config.settings().end(), [](const Setting& setting) {
    return setting.key == "security.protocol" && setting.value != "plaintext" && setting.value != "PLAINTEXT";
  });
}

// Reads the first record of each transaction, for its timestamp.
void ReadFirstRecords(const ClientConfig& config, const std::vector<HeldPartition>& held,
                      const std::atomic<bool>* stop, std::vector<OpenTransaction>* transactions) {
  ConsumerOptions options;
  options.isolation = Isolation::kReadUncommitted;
  std::vector<Position> starts;
  std::map<std::pair<uint32_t, PartitionId>, size_t> index;
  for (size_t i = 0; i < held.size(); ++i) {
    const auto known = std::find(options.topics.begin(), options.topics.end(), held[i].topic);
    const auto topic = static_cast<uint32_t>(known - options.topics.begin());
    if (known == options.topics.end()) options.topics.push_back(held[i].topic);
    starts.push_back({topic, held[i].partition, held[i].stable});
    index[{topic, held[i].partition}] = i;
  }
  const auto consumer = Consumer::Open(config, options);
  if (!consumer.ok() || !(*consumer)->Assign(starts).ok()) return;
  MessageBatch batch;
  const double deadline = MonotonicSeconds() + kReadSeconds;
  while (!index.empty() && MonotonicSeconds() < deadline && (stop == nullptr || !stop->load())) {
    if (!(*consumer)->Poll(&batch, kPollMs).ok()) return;
    for (const Message& message : batch.messages()) {
      const auto first = index.extract({message.topic, message.partition});
      if (!first.empty() && message.timestamp_ms >= 0 && InYears(message.timestamp_ms, kMillisPerDay))
        (*transactions)[first.mapped()].since_ms = message.timestamp_ms;
    }
  }
}

// The leaders of these partitions, as host and port.
std::map<std::pair<std::string, int>, std::vector<NamedPartition>> Leaders(
    rd_kafka_t* client, const std::set<NamedPartition>& partitions) {
  std::map<std::pair<std::string, int>, std::vector<NamedPartition>> leaders;
  std::set<std::string> topics;
  for (const NamedPartition& each : partitions) topics.insert(each.topic);
  for (const std::string& name : topics) {
    const OwnedTopic topic(rd_kafka_topic_new(client, name.c_str(), nullptr));
    const rd_kafka_metadata_t* raw = nullptr;
    if (topic == nullptr || rd_kafka_metadata(client, 0, topic.get(), &raw, kMetadataMs) != 0) continue;
    const Owned<const rd_kafka_metadata_t, rd_kafka_metadata_destroy> metadata(raw);
    if (raw->topic_cnt != 1) continue;
    for (int p = 0; p < raw->topics[0].partition_cnt; ++p) {
      const rd_kafka_metadata_partition_t& partition = raw->topics[0].partitions[p];
      if (!partitions.contains({name, PartitionId(partition.id)})) continue;
      for (int b = 0; b < raw->broker_cnt; ++b) {
        const rd_kafka_metadata_broker_t& broker = raw->brokers[b];
        if (broker.id == partition.leader)
          leaders[{broker.host, broker.port}].push_back({name, PartitionId(partition.id)});
      }
    }
  }
  return leaders;
}

void AskForProducers(rd_kafka_t* client, const std::vector<HeldPartition>& held,
                     std::vector<OpenTransaction>* transactions) {
  std::set<NamedPartition> partitions;
  for (const HeldPartition& each : held) partitions.insert({each.topic, each.partition});
  OpenProducers open;
  for (const auto& [address, led] : Leaders(client, partitions))
    open.merge(DescribeProducers(address.first, address.second, led, kProducersMs));
  for (size_t i = 0; i < held.size(); ++i) {
    for (const OpenProducer& producer : open[{held[i].topic, held[i].partition}]) {
      if (producer.first != held[i].stable) continue;  // of a later transaction
      (*transactions)[i].producer_id = producer.id;
      (*transactions)[i].producer_epoch = producer.epoch;
    }
  }
}

}  // namespace

std::string DescribeTransaction(const OpenTransaction& transaction) {
  std::string text;
  if (transaction.since_ms) text = "since " + FormatTimestamp(*transaction.since_ms * 1000);
  if (transaction.producer_id) {
    text += fmt::format("{}of producer id {}, epoch {}", text.empty() ? "" : ", ", *transaction.producer_id,
                        transaction.producer_epoch.value_or(0));
  }
  return text;
}

std::string TransactionCommand(const std::string& brokers, const HeldPartition& held,
                               const OpenTransaction& transaction) {
  const std::string where = fmt::format("--topic {} --partition {}", held.topic, held.partition.value());
  return transaction.producer_id
             ? fmt::format("kafka-transactions.sh --bootstrap-server {} abort {} --start-offset {}", brokers,
                           where, held.stable.value())
             : fmt::format("kafka-transactions.sh --bootstrap-server {} describe-producers {}", brokers,
                           where);
}

std::vector<OpenTransaction> Admin::DescribeTransactions(const std::vector<HeldPartition>& held) {
  std::vector<OpenTransaction> transactions(held.size());
  if (held.empty()) return transactions;
  ReadFirstRecords(handle_->config(), held, retry_.stop, &transactions);
  if (IsPlaintext(handle_->config())) AskForProducers(handle_->raw(), held, &transactions);
  return transactions;
}

}  // namespace forebay::kafka
