#include "produce/topics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace forebay::produce {
namespace {

constexpr int64_t kBatchOverheadBytes = 4096;
constexpr int64_t kMaxBatchBytes = 1'000'000;

}  // namespace

std::string ReceiptPath(const std::string& asked, const std::string& run) {
  std::error_code ignored;
  if (asked.ends_with('/') || std::filesystem::is_directory(asked, ignored)) {
    return (std::filesystem::path(asked) / (run + ".json")).string();
  }
  return asked;
}

std::vector<std::string> TopicNames(const Receipt& receipt) {
  std::vector<std::string> names;
  for (const ReceiptTable& table : receipt.tables) names.push_back(table.topic);
  return names;
}

Result<std::vector<kafka::TopicInfo>> FindTopics(kafka::Admin& admin, const std::string& contract,
                                                 const std::string& brokers,
                                                 const std::vector<SelectedTopic>& chosen, Receipt* receipt) {
  FOREBAY_ASSIGN(auto topics, admin.DescribeTopics(TopicNames(*receipt)));
  for (size_t i = 0; i < topics.size(); ++i) {
    if (!topics[i].exists && !chosen[i].by_name) {
      return UnavailableError(
          fmt::format("the topic {} does not exist, and no topic is created for a pattern; create it first",
                      topics[i].name));
    }
    if (!topics[i].exists) {
      return UnavailableError(
          fmt::format("the topic {} does not exist; run: forebay topics apply --contract {} --brokers {}",
                      topics[i].name, contract, brokers));
    }
    if (topics[i].id.empty()) {
      return UnavailableError(fmt::format(
          "the broker reported no id for topic {}; Forebay requires Kafka 2.8 or newer", topics[i].name));
    }
    TopicId& id = receipt->tables[i].topic_id;
    if (!id.empty() && id != topics[i].id) {  // of a resumed run
      return UnavailableError(fmt::format(
          "the topic {} was deleted and recreated since run {} produced to it: there is nothing to resume; "
          "remove the receipt, and produce again",
          topics[i].name, receipt->run));
    }
    id = topics[i].id;
  }
  return topics;
}

Status CheckTopicsStayed(kafka::Admin& admin, const Receipt& receipt) {
  FOREBAY_ASSIGN(const auto topics, admin.DescribeTopics(TopicNames(receipt)));
  for (size_t i = 0; i < topics.size(); ++i) {
    if (topics[i].id != receipt.tables[i].topic_id) {
      return UnavailableError(fmt::format(
          "the topic {} was deleted {}while records were produced to it; the receipt of run {} is "
          "invalid for it: remove the receipt, and produce again",
          topics[i].name, topics[i].exists ? "and recreated " : "", receipt.run));
    }
  }
  return Ok();
}

Result<int64_t> BatchBytes(kafka::Admin& admin, const Receipt& receipt) {
  int64_t bytes = kMaxBatchBytes;
  for (const std::string& topic : TopicNames(receipt)) {
    FOREBAY_ASSIGN(const auto settings, admin.TopicSettings(topic));
    if (!settings) continue;  // the producer may not read them, and the usual limit is Kafka's default
    const auto limit = settings->find("max.message.bytes");
    if (limit == settings->end()) continue;
    bytes = std::min(bytes, std::max<int64_t>(std::atoll(limit->second.c_str()) - kBatchOverheadBytes, 1));
  }
  return bytes;
}

// One client sends about 450,000 records a second on its one thread. Partition and client are both chosen
// from the key's hash: the partition is the remainder by the number of partitions, the client the remainder
// by two. So with an even number of partitions each belongs to one client.
int ClientCount(const std::vector<kafka::TopicInfo>& topics, const RunOptions& options) {
  constexpr int kMax = 2;
  if (options.records_per_second > 0) return 1;
  const bool whole = std::all_of(topics.begin(), topics.end(),
                                 [](const kafka::TopicInfo& topic) { return topic.partitions % kMax == 0; });
  return whole ? kMax : 1;
}

}  // namespace forebay::produce
