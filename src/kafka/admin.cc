#include "kafka/admin.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "kafka/admin_request.h"
#include "kafka/handle.h"
#include "kafka/newer_rdkafka.h"

namespace forebay::kafka {
namespace {

TopicInfo ReadDescription(const rd_kafka_TopicDescription_t* description, RequestOutcome* outcome) {
  TopicInfo info;
  info.name = rd_kafka_TopicDescription_name(description);
  const rd_kafka_error_t* error = rd_kafka_TopicDescription_error(description);
  const auto code = error == nullptr ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error);
  if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return info;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    *outcome = {code, fmt::format("{}: {}", info.name, rd_kafka_error_string(error))};
    return info;
  }
  info.exists = true;
  size_t partitions = 0;
  rd_kafka_TopicDescription_partitions(description, &partitions);
  info.partitions = static_cast<int32_t>(partitions);
  static const std::string kZeroId = "AAAAAAAAAAAAAAAAAAAAAA";
  const char* id = rd_kafka_Uuid_base64str(rd_kafka_TopicDescription_topic_id(description));
  if (id != nullptr && id != kZeroId) info.id = TopicId(id);
  return info;
}

// The answer will be an event of the queue.
void AskForSettings(Handle& handle, std::span<const std::string> topics, rd_kafka_queue_t* queue) {
  std::vector<rd_kafka_ConfigResource_t*> resources;
  for (const std::string& topic : topics)
    resources.push_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  rd_kafka_DescribeConfigs(handle.raw(), resources.data(), resources.size(), RequestOptions(handle).get(),
                           queue);
  rd_kafka_ConfigResource_destroy_array(resources.data(), resources.size());
}

// Leaves out the topics whose settings this principal may not read.
RequestOutcome ReadSettings(rd_kafka_event_t* event, std::map<std::string, SettingsOfTopic>* found) {
  size_t resources = 0;
  const auto** const answers =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &resources);
  for (size_t i = 0; i < resources; ++i) {
    const auto error = rd_kafka_ConfigResource_error(answers[i]);
    if (error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) continue;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const char* text = rd_kafka_ConfigResource_error_string(answers[i]);
      return {error, text != nullptr ? text : rd_kafka_err2str(error)};
    }
    SettingsOfTopic& settings = (*found)[rd_kafka_ConfigResource_name(answers[i])];
    size_t entries = 0;
    const auto** const configs = rd_kafka_ConfigResource_configs(answers[i], &entries);
    for (size_t entry = 0; entry < entries; ++entry) {
      const char* value = rd_kafka_ConfigEntry_value(configs[entry]);
      if (value != nullptr) settings[rd_kafka_ConfigEntry_name(configs[entry])] = value;
    }
  }
  return {};
}

struct NewTopicDeleter {
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
};
using OwnedNewTopic = std::unique_ptr<rd_kafka_NewTopic_t, NewTopicDeleter>;

Result<OwnedNewTopic> MakeNewTopic(const NewTopic& topic) {
  char reason[512] = "";
  OwnedNewTopic made(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replication_factor,
                                           reason, sizeof reason));
  if (made == nullptr)
    return InvalidArgumentError(fmt::format("the topic {} cannot be created: {}", topic.name, reason));
  for (const auto& [key, value] : topic.settings) {
    const auto error = rd_kafka_NewTopic_set_config(made.get(), key.c_str(), value.c_str());
    FOREBAY_ASSERT(error == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  return made;
}

}  // namespace

Result<std::unique_ptr<Admin>> Admin::Open(const ClientConfig& config, const RetryOptions& retry) {
  HandleOptions options;
  options.type = RD_KAFKA_CONSUMER;  // a consumer, since offset queries use its isolation level
  options.fixed = {{"isolation.level", "read_committed"}, {"topic.metadata.refresh.interval.ms", "-1"}};
  FOREBAY_ASSIGN(auto handle, Handle::Open(config, options));
  return std::unique_ptr<Admin>(new Admin(std::move(handle), retry));
}

Admin::Admin(std::unique_ptr<Handle> handle, const RetryOptions& retry)
    : handle_(std::move(handle)), retry_(retry) {}

Admin::~Admin() = default;

const std::string& Admin::brokers() const {
  return handle_->config().brokers();
}

Status Admin::WaitForBroker() {
  Retrier retrier(*handle_, retry_);
  return retrier.Run("asking the broker for its cluster", "Describe on the cluster",
                     [&]() -> Result<RequestOutcome> {
                       FOREBAY_TRY(retrier.CheckDeadline());
                       const rd_kafka_metadata_t* metadata = nullptr;
                       const auto error = rd_kafka_metadata(handle_->raw(), 0, nullptr, &metadata, 1000);
                       if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
                         return RequestOutcome{error, rd_kafka_err2str(error)};
                       rd_kafka_metadata_destroy(metadata);
                       return RequestOutcome();
                     });
}

Result<std::vector<std::string>> Admin::ListTopics() {
  std::vector<std::string> names;
  Retrier retrier(*handle_, retry_);
  FOREBAY_TRY(retrier.Run("listing the topics", "Describe on the topics", [&]() -> Result<RequestOutcome> {
    FOREBAY_TRY(retrier.CheckDeadline());
    const rd_kafka_metadata_t* metadata = nullptr;
    const auto error = rd_kafka_metadata(handle_->raw(), 1, nullptr, &metadata, kAttemptMs);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return RequestOutcome{error, rd_kafka_err2str(error)};
    names.clear();
    for (int i = 0; i < metadata->topic_cnt; ++i) {
      const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
      if (topic.err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) names.emplace_back(topic.topic);
    }
    rd_kafka_metadata_destroy(metadata);
    return RequestOutcome();
  }));
  return names;
}

Result<std::vector<TopicInfo>> Admin::DescribeTopics(const std::vector<std::string>& names) {
  if (names.empty()) return std::vector<TopicInfo>();
  const std::set<std::string> distinct(names.begin(), names.end());  // the client refuses a name twice
  std::vector<const char*> raw_names;
  for (const std::string& name : distinct) raw_names.push_back(name.c_str());
  const Owned<rd_kafka_TopicCollection_t, rd_kafka_TopicCollection_destroy> collection(
      rd_kafka_TopicCollection_of_topic_names(raw_names.data(), raw_names.size()));
  std::map<std::string, TopicInfo> found;
  Retrier retrier(*handle_, retry_);
  FOREBAY_TRY(retrier.Run("describing the topics", "Describe on the topic", [&]() -> Result<RequestOutcome> {
    const OwnedQueue queue(rd_kafka_queue_new(handle_->raw()));
    rd_kafka_DescribeTopics(handle_->raw(), collection.get(), RequestOptions(*handle_).get(), queue.get());
    FOREBAY_ASSIGN(const OwnedEvent event, retrier.Await(queue.get()));
    RequestOutcome outcome = EventOutcome(event.get());
    if (!outcome.ok()) return outcome;
    size_t count = 0;
    const auto* result = rd_kafka_event_DescribeTopics_result(event.get());
    const auto** descriptions = rd_kafka_DescribeTopics_result_topics(result, &count);
    found.clear();
    for (size_t i = 0; i < count; ++i) {
      TopicInfo info = ReadDescription(descriptions[i], &outcome);
      found[info.name] = std::move(info);
    }
    return outcome;
  }));
  std::vector<TopicInfo> ordered;
  for (const std::string& name : names) {
    const auto info = found.find(name);
    if (info == found.end()) return UnavailableError("the broker's answer lacks topic " + name);
    ordered.push_back(info->second);
  }
  return ordered;
}

Result<std::optional<SettingsOfTopic>> Admin::TopicSettings(const std::string& topic) {
  FOREBAY_ASSIGN(std::vector<std::optional<SettingsOfTopic>> settings,
                 TopicSettings(std::vector<std::string>{topic}));
  return std::move(settings.front());
}

Result<std::vector<std::optional<SettingsOfTopic>>> Admin::TopicSettings(
    const std::vector<std::string>& topics) {
  constexpr size_t kTopicsAtOnce = 500;  // each has some forty settings
  std::map<std::string, SettingsOfTopic> found;
  Retrier retrier(*handle_, retry_);
  for (size_t from = 0; from < topics.size(); from += kTopicsAtOnce) {
    const std::span<const std::string> asked =
        std::span(topics).subspan(from, std::min(kTopicsAtOnce, topics.size() - from));
    const std::string what = asked.size() == 1 ? "topic " + asked.front() : "the topics";
    FOREBAY_TRY(retrier.Run("reading the settings of " + what, "DescribeConfigs on the topic",
                            [&]() -> Result<RequestOutcome> {
                              const OwnedQueue queue(rd_kafka_queue_new(handle_->raw()));
                              AskForSettings(*handle_, asked, queue.get());
                              FOREBAY_ASSIGN(const OwnedEvent event, retrier.Await(queue.get()));
                              const RequestOutcome outcome = EventOutcome(event.get());
                              return outcome.ok() ? ReadSettings(event.get(), &found) : outcome;
                            }));
  }
  std::vector<std::optional<SettingsOfTopic>> ordered;
  for (const std::string& topic : topics) {
    const auto settings = found.find(topic);
    ordered.push_back(settings == found.end() ? std::nullopt : std::optional(settings->second));
  }
  return ordered;
}

Status Admin::CreateTopics(const std::vector<NewTopic>& topics) {
  std::vector<OwnedNewTopic> made;
  std::vector<rd_kafka_NewTopic_t*> raw;
  std::vector<std::string> names;
  for (const NewTopic& topic : topics) {
    FOREBAY_ASSIGN(auto one, MakeNewTopic(topic));
    raw.push_back(one.get());
    made.push_back(std::move(one));
    names.push_back(topic.name);
  }
  int attempts = 0;
  Retrier retrier(*handle_, retry_);
  FOREBAY_TRY(retrier.Run(
      "creating the topics", "Create on the topic, or on the cluster", [&]() -> Result<RequestOutcome> {
        ++attempts;
        const OwnedQueue queue(rd_kafka_queue_new(handle_->raw()));
        rd_kafka_CreateTopics(handle_->raw(), raw.data(), raw.size(), RequestOptions(*handle_).get(),
                              queue.get());
        FOREBAY_ASSIGN(const OwnedEvent event, retrier.Await(queue.get()));
        RequestOutcome outcome = EventOutcome(event.get());
        if (!outcome.ok()) return outcome;
        size_t count = 0;
        const auto** results =
            rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
        for (size_t i = 0; i < count; ++i) {
          const auto error = rd_kafka_topic_result_error(results[i]);
          // An earlier attempt whose answer was lost may have created it.
          if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS && attempts > 1) continue;
          if (error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
          const char* text = rd_kafka_topic_result_error_string(results[i]);
          return RequestOutcome{error, fmt::format("{}: {}", rd_kafka_topic_result_name(results[i]),
                                                   text != nullptr ? text : rd_kafka_err2str(error))};
        }
        return RequestOutcome();
      }));
  for (;;) {
    FOREBAY_ASSIGN(const auto found, DescribeTopics(names));
    if (std::all_of(found.begin(), found.end(), [](const TopicInfo& t) { return t.exists && !t.id.empty(); }))
      return Ok();
    FOREBAY_TRY(retrier.CheckDeadline());
    rd_kafka_poll(handle_->raw(), kSliceMs);
  }
}

}  // namespace forebay::kafka
