#include "kafka/admin.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>

#include "base/time.h"
#include "kafka/handle.h"
#include "kafka/newer_rdkafka.h"

namespace forebay::kafka {
namespace {

constexpr int kAttemptMs = 5'000;
constexpr int kSliceMs = 100;  // the longest delay before a stop is noticed
constexpr double kWarnAfterSeconds = 1;
constexpr double kWarnAgainSeconds = 5;
constexpr double kOutdatedSeconds = 10;  // a broker that starts may lack some partitions this long

// The outcome of one attempt: its error code and librdkafka's text.
struct Outcome {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string text;
};

bool Stopped(const RetryOptions& retry) {
  return retry.stop != nullptr && retry.stop->load();
}

Error StoppedWaiting() {
  return CancelledError("stopped while waiting for the broker");
}

// Retries until success, until an error that waiting cannot resolve, or until `retry` ends. Logs what it
// waits for. Either `attempt` serves the client's callbacks, or Run serves them between attempts.
class Retrier {
 public:
  Retrier(Handle& handle, const RetryOptions& retry)
      : handle_(handle),
        retry_(retry),
        started_(MonotonicSeconds()),
        warned_at_(started_ - kWarnAgainSeconds + kWarnAfterSeconds) {}

  // To be called regularly while waiting for an answer; an error ends the wait.
  Status CheckDeadline() {
    rd_kafka_poll(handle_.raw(), 0);
    handle_.DrainWarnings();  // our own line reports the same
    if (Stopped(retry_)) return StoppedWaiting();
    if (auto refused = handle_.Refused()) return *refused;
    const double now = MonotonicSeconds();
    if (now - warned_at_ >= kWarnAgainSeconds) {
      spdlog::warn("{}", handle_.WaitingLine());
      warned_at_ = now;
      waited_ = true;
    }
    if (retry_.limit_ms >= 0 && (now - started_) * 1000 >= static_cast<double>(retry_.limit_ms)) {
      std::string line = handle_.WaitingLine();
      line.resize(line.size() - std::string_view(", waiting").size());
      return UnavailableError(fmt::format("{}; timed out after {} s; check that it runs, and --brokers", line,
                                          retry_.limit_ms / 1000));
    }
    return Ok();
  }

  Status Run(const std::string& what, const std::function<Result<Outcome>()>& attempt) {
    for (;;) {
      FOREBAY_ASSIGN(const Outcome outcome, attempt());
      if (outcome.error == RD_KAFKA_RESP_ERR_NO_ERROR) break;
      if (!IsTransient(outcome.error) && !MayBeOutdated(outcome.error)) {
        return UnavailableError(fmt::format("{} failed: {} ({})", what, handle_.Redact(outcome.text),
                                            rd_kafka_err2name(outcome.error)));
      }
      handle_.RecordError(outcome.error, outcome.text);
      FOREBAY_TRY(CheckDeadline());
      rd_kafka_poll(handle_.raw(), kSliceMs);
    }
    if (waited_) spdlog::info("broker {} answers", handle_.config().brokers());
    return Ok();
  }

  // Waits for the one event that an admin request puts on `queue`. Null if the request's own time-out passed
  // without one.
  Result<OwnedEvent> Await(rd_kafka_queue_t* queue) {
    for (;;) {
      OwnedEvent event(rd_kafka_queue_poll(queue, kSliceMs));
      if (event != nullptr) return event;
      FOREBAY_TRY(CheckDeadline());
    }
  }

 private:
  // A broker that has just started may briefly omit partitions from its metadata.
  bool MayBeOutdated(rd_kafka_resp_err_t error) const {
    return error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION && MonotonicSeconds() - started_ < kOutdatedSeconds;
  }

  Handle& handle_;
  const RetryOptions& retry_;
  const double started_;
  double warned_at_;
  bool waited_ = false;
};

OwnedAdminOptions RequestOptions(Handle& handle) {
  OwnedAdminOptions options(rd_kafka_AdminOptions_new(handle.raw(), RD_KAFKA_ADMIN_OP_ANY));
  char reason[256];
  const auto error =
      rd_kafka_AdminOptions_set_request_timeout(options.get(), kAttemptMs, reason, sizeof reason);
  FOREBAY_ASSERT(error == RD_KAFKA_RESP_ERR_NO_ERROR);
  return options;
}

Outcome EventOutcome(rd_kafka_event_t* event) {
  const auto error = rd_kafka_event_error(event);
  return {error, error == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : rd_kafka_event_error_string(event)};
}

TopicInfo ReadDescription(const rd_kafka_TopicDescription_t* description, Outcome* outcome) {
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

Status Admin::WaitForBroker() {
  Retrier retrier(*handle_, retry_);
  return retrier.Run("asking the broker for its cluster", [&]() -> Result<Outcome> {
    FOREBAY_TRY(retrier.CheckDeadline());
    const rd_kafka_metadata_t* metadata = nullptr;
    const auto error = rd_kafka_metadata(handle_->raw(), 0, nullptr, &metadata, 1000);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return Outcome{error, rd_kafka_err2str(error)};
    rd_kafka_metadata_destroy(metadata);
    return Outcome();
  });
}

Result<std::vector<TopicInfo>> Admin::DescribeTopics(const std::vector<std::string>& names) {
  std::vector<const char*> raw_names;
  for (const std::string& name : names) raw_names.push_back(name.c_str());
  const Owned<rd_kafka_TopicCollection_t, rd_kafka_TopicCollection_destroy> collection(
      rd_kafka_TopicCollection_of_topic_names(raw_names.data(), raw_names.size()));
  std::vector<TopicInfo> found;
  Retrier retrier(*handle_, retry_);
  FOREBAY_TRY(retrier.Run("describing the topics", [&]() -> Result<Outcome> {
    const OwnedQueue queue(rd_kafka_queue_new(handle_->raw()));
    rd_kafka_DescribeTopics(handle_->raw(), collection.get(), RequestOptions(*handle_).get(), queue.get());
    FOREBAY_ASSIGN(const OwnedEvent event, retrier.Await(queue.get()));
    Outcome outcome = EventOutcome(event.get());
    if (outcome.error != RD_KAFKA_RESP_ERR_NO_ERROR) return outcome;
    size_t count = 0;
    const auto* result = rd_kafka_event_DescribeTopics_result(event.get());
    const auto** descriptions = rd_kafka_DescribeTopics_result_topics(result, &count);
    found.clear();
    for (size_t i = 0; i < count; ++i) found.push_back(ReadDescription(descriptions[i], &outcome));
    return outcome;
  }));
  std::vector<TopicInfo> ordered;
  for (const std::string& name : names) {
    const auto it =
        std::find_if(found.begin(), found.end(), [&](const TopicInfo& t) { return t.name == name; });
    if (it == found.end()) return UnavailableError("the broker's answer lacks topic " + name);
    ordered.push_back(*it);
  }
  return ordered;
}

Result<std::optional<std::map<std::string, std::string>>> Admin::TopicSettings(const std::string& topic) {
  std::optional<std::map<std::string, std::string>> settings;
  Retrier retrier(*handle_, retry_);
  FOREBAY_TRY(retrier.Run("reading the settings of topic " + topic, [&]() -> Result<Outcome> {
    const OwnedQueue queue(rd_kafka_queue_new(handle_->raw()));
    rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
    rd_kafka_DescribeConfigs(handle_->raw(), &resource, 1, RequestOptions(*handle_).get(), queue.get());
    rd_kafka_ConfigResource_destroy(resource);
    FOREBAY_ASSIGN(const OwnedEvent event, retrier.Await(queue.get()));
    Outcome outcome = EventOutcome(event.get());
    if (outcome.error != RD_KAFKA_RESP_ERR_NO_ERROR) return outcome;
    size_t resources = 0;
    const auto** found = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event.get()), &resources);
    FOREBAY_ASSERT(resources == 1);
    const auto error = rd_kafka_ConfigResource_error(found[0]);
    if (error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) return Outcome();
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const char* text = rd_kafka_ConfigResource_error_string(found[0]);
      return Outcome{error, text != nullptr ? text : rd_kafka_err2str(error)};
    }
    settings.emplace();
    size_t entries = 0;
    const auto** configs = rd_kafka_ConfigResource_configs(found[0], &entries);
    for (size_t i = 0; i < entries; ++i) {
      const char* value = rd_kafka_ConfigEntry_value(configs[i]);
      if (value != nullptr) settings->insert_or_assign(rd_kafka_ConfigEntry_name(configs[i]), value);
    }
    return Outcome();
  }));
  return settings;
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
  FOREBAY_TRY(retrier.Run("creating the topics", [&]() -> Result<Outcome> {
    ++attempts;
    const OwnedQueue queue(rd_kafka_queue_new(handle_->raw()));
    rd_kafka_CreateTopics(handle_->raw(), raw.data(), raw.size(), RequestOptions(*handle_).get(),
                          queue.get());
    FOREBAY_ASSIGN(const OwnedEvent event, retrier.Await(queue.get()));
    Outcome outcome = EventOutcome(event.get());
    if (outcome.error != RD_KAFKA_RESP_ERR_NO_ERROR) return outcome;
    size_t count = 0;
    const auto** results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
    for (size_t i = 0; i < count; ++i) {
      const auto error = rd_kafka_topic_result_error(results[i]);
      // An earlier attempt whose answer was lost may have created it.
      if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS && attempts > 1) continue;
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      const char* text = rd_kafka_topic_result_error_string(results[i]);
      return Outcome{error, fmt::format("{}: {}", rd_kafka_topic_result_name(results[i]),
                                        text != nullptr ? text : rd_kafka_err2str(error))};
    }
    return Outcome();
  }));
  for (;;) {
    FOREBAY_ASSIGN(const auto found, DescribeTopics(names));
    if (std::all_of(found.begin(), found.end(), [](const TopicInfo& t) { return t.exists && !t.id.empty(); }))
      return Ok();
    FOREBAY_TRY(retrier.CheckDeadline());
    rd_kafka_poll(handle_->raw(), kSliceMs);
  }
}

Result<std::vector<Watermarks>> Admin::QueryWatermarks(const std::vector<NamedPartition>& partitions) {
  std::vector<Watermarks> all;
  for (const NamedPartition& asked : partitions) {
    const std::string& topic = asked.topic;  // not bindings: clang 14 does not let lambdas capture those
    const PartitionId partition = asked.partition;
    Retrier retrier(*handle_, retry_);
    const std::string what =
        fmt::format("asking for the offsets of {} partition {}", topic, partition.value());
    FOREBAY_TRY(retrier.Run(what, [&]() -> Result<Outcome> {
      FOREBAY_TRY(retrier.CheckDeadline());
      int64_t earliest = 0;
      int64_t stable = 0;
      const auto error = rd_kafka_query_watermark_offsets(handle_->raw(), topic.c_str(), partition.value(),
                                                          &earliest, &stable, kAttemptMs);
      if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return Outcome{error, rd_kafka_err2str(error)};
      all.push_back({Offset(earliest), Offset(stable)});
      return Outcome();
    }));
  }
  return all;
}

Result<std::vector<Offset>> Admin::OffsetsForTimestamp(const std::vector<NamedPartition>& partitions,
                                                       int64_t timestamp_ms) {
  std::vector<Offset> offsets;
  Retrier retrier(*handle_, retry_);
  FOREBAY_TRY(retrier.Run("asking for offsets by time", [&]() -> Result<Outcome> {
    FOREBAY_TRY(retrier.CheckDeadline());
    const OwnedOffsets list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
    for (const auto& [topic, partition] : partitions) {
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition.value())->offset = timestamp_ms;
    }
    const auto error = rd_kafka_offsets_for_times(handle_->raw(), list.get(), kAttemptMs);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return Outcome{error, rd_kafka_err2str(error)};
    offsets.clear();
    for (int i = 0; i < list->cnt; ++i) {
      const rd_kafka_topic_partition_t& answer = list->elems[i];
      if (answer.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return Outcome{answer.err, fmt::format("{} partition {}: {}", answer.topic, answer.partition,
                                               rd_kafka_err2str(answer.err))};
      }
      offsets.push_back(Offset(answer.offset));
    }
    return Outcome();
  }));
  for (size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i].value() >= 0) continue;  // no record is that recent
    FOREBAY_ASSIGN(const auto marks, QueryWatermarks({partitions[i]}));
    offsets[i] = marks.front().stable;
  }
  return offsets;
}

}  // namespace forebay::kafka
