// Offsets of partitions: one request for each broker, whatever the number of its partitions.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>

#include "kafka/admin.h"
#include "kafka/admin_request.h"
#include "kafka/handle.h"
#include "kafka/newer_rdkafka.h"

namespace forebay::kafka {
namespace {

// A question about every partition, which each broker answers for all of its partitions at once.
struct OffsetQuestion {
  int64_t spec;
  rd_kafka_IsolationLevel_t isolation;
  Offset Watermarks::*answer;
};

constexpr std::array kOffsetQuestions = {
    OffsetQuestion{RD_KAFKA_OFFSET_SPEC_EARLIEST, RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED,
                   &Watermarks::earliest},
    OffsetQuestion{RD_KAFKA_OFFSET_SPEC_LATEST, RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED, &Watermarks::stable},
    OffsetQuestion{RD_KAFKA_OFFSET_SPEC_LATEST, RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED, &Watermarks::end},
};

// The answer will be an event of the returned queue.
OwnedQueue AskForOffsets(Handle& handle, const std::vector<NamedPartition>& partitions,
                         const OffsetQuestion& question) {
  OwnedQueue queue(rd_kafka_queue_new(handle.raw()));
  const OwnedOffsets list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const auto& [topic, partition] : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition.value())->offset = question.spec;
  }
  const OwnedAdminOptions options = RequestOptions(handle);
  const OwnedError error(rd_kafka_AdminOptions_set_isolation_level(options.get(), question.isolation));
  FOREBAY_ASSERT(error == nullptr);
  rd_kafka_ListOffsets(handle.raw(), list.get(), options.get(), queue.get());
  return queue;
}

bool IsOfAnotherLeader(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH || error == RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH ||
         error == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION;
}

// After such an error the client would ask the leader that it knows, until its list of them is minutes old.
void ReadLeadersAgain(Handle& handle, const std::vector<NamedPartition>& partitions) {
  std::set<std::string> topics;
  for (const NamedPartition& partition : partitions) topics.insert(partition.topic);
  for (const std::string& name : topics) {
    const std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> topic(
        rd_kafka_topic_new(handle.raw(), name.c_str(), nullptr), rd_kafka_topic_destroy);
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(handle.raw(), 0, topic.get(), &metadata, kAttemptMs) == RD_KAFKA_RESP_ERR_NO_ERROR)
      rd_kafka_metadata_destroy(metadata);
  }
}

RequestOutcome ReadOffsets(rd_kafka_event_t* event, const std::vector<NamedPartition>& partitions,
                           Offset Watermarks::*answer, std::vector<Watermarks>* marks) {
  size_t count = 0;
  const auto** infos = rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event), &count);
  std::map<NamedPartition, Offset> answers;
  for (size_t i = 0; i < count; ++i) {
    const auto* found = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
    // A broker that has just started may not know a topic that exists.
    const auto error = found->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
                           ? RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION
                           : found->err;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return {error,
              fmt::format("{} partition {}: {}", found->topic, found->partition, rd_kafka_err2str(error))};
    }
    answers[{found->topic, PartitionId(found->partition)}] = Offset(found->offset);
  }
  for (size_t i = 0; i < partitions.size(); ++i) {
    const auto found = answers.find(partitions[i]);
    if (found == answers.end()) {
      return {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
              fmt::format("the broker's answer lacks {} partition {}", partitions[i].topic,
                          partitions[i].partition.value())};
    }
    (*marks)[i].*answer = found->second;
  }
  return {};
}

}  // namespace

Result<std::vector<Watermarks>> Admin::QueryWatermarks(const std::vector<NamedPartition>& partitions) {
  std::vector<Watermarks> marks(partitions.size());
  if (partitions.empty()) return marks;
  Retrier retrier(*handle_, retry_);
  FOREBAY_TRY(retrier.Run(
      "asking for the offsets of the topics", "Describe on the topic", [&]() -> Result<RequestOutcome> {
        std::vector<OwnedQueue> answers;
        for (const OffsetQuestion& question : kOffsetQuestions)
          answers.push_back(AskForOffsets(*handle_, partitions, question));
        for (size_t i = 0; i < answers.size(); ++i) {
          FOREBAY_ASSIGN(const OwnedEvent event, retrier.Await(answers[i].get()));
          RequestOutcome outcome = EventOutcome(event.get());
          if (outcome.ok())
            outcome = ReadOffsets(event.get(), partitions, kOffsetQuestions[i].answer, &marks);
          if (IsOfAnotherLeader(outcome.error)) ReadLeadersAgain(*handle_, partitions);
          if (!outcome.ok()) return outcome;
        }
        return RequestOutcome();
      }));
  // The questions are answered one after the other.
  for (Watermarks& mark : marks) mark.end = std::max(mark.end, mark.stable);
  return marks;
}

Result<std::vector<Offset>> Admin::OffsetsForTimestamp(const std::vector<NamedPartition>& partitions,
                                                       int64_t timestamp_ms) {
  std::vector<Offset> offsets;
  Retrier retrier(*handle_, retry_);
  FOREBAY_TRY(
      retrier.Run("asking for offsets by time", "Describe on the topic", [&]() -> Result<RequestOutcome> {
        FOREBAY_TRY(retrier.CheckDeadline());
        const OwnedOffsets list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
        for (const auto& [topic, partition] : partitions) {
          rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition.value())->offset =
              timestamp_ms;
        }
        const auto error = rd_kafka_offsets_for_times(handle_->raw(), list.get(), kAttemptMs);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return RequestOutcome{error, rd_kafka_err2str(error)};
        offsets.clear();
        for (int i = 0; i < list->cnt; ++i) {
          const rd_kafka_topic_partition_t& answer = list->elems[i];
          if (answer.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return RequestOutcome{answer.err, fmt::format("{} partition {}: {}", answer.topic,
                                                          answer.partition, rd_kafka_err2str(answer.err))};
          }
          offsets.push_back(Offset(answer.offset));
        }
        return RequestOutcome();
      }));
  std::vector<NamedPartition> older;  // without a record that recent
  for (size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i].value() < 0) older.push_back(partitions[i]);
  }
  FOREBAY_ASSIGN(const std::vector<Watermarks> marks, QueryWatermarks(older));
  auto mark = marks.begin();
  for (Offset& offset : offsets) {
    if (offset.value() < 0) offset = (mark++)->stable;
  }
  return offsets;
}

}  // namespace forebay::kafka
