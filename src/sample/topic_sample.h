// A sample of a topic's records: of all partitions, from the old and the new end of each.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "kafka/admin.h"
#include "kafka/client_config.h"
#include "kafka/message_batch.h"

namespace forebay {

struct TopicSampleOptions {
  std::string topic;
  uint64_t records = 10'000;                // at most; 0: all
  const std::atomic<bool>* stop = nullptr;  // ends the reading with kCancelled; not owned
};

struct TopicSample {
  int32_t partitions = 0;
  int64_t offsets =
      0;  // of all partitions, from the first one to the last stable one: about the topic's records
  uint64_t records = 0;  // read
};

// What to read of a partition. INVARIANT: `oldest` ends where `newest` begins, or before it.
struct PartitionSample {
  OffsetRange oldest;
  int64_t oldest_records = 0;  // at most: offsets without a record are passed over
  OffsetRange newest;
};

// Shares `records` out to partitions with these offsets (OffsetRange from the first one to the last stable
// one). Partitions that have fewer leave theirs to the others.
std::vector<PartitionSample> PlanSample(const std::vector<OffsetRange>& partitions, uint64_t records);

// Calls `accept` for each record of the sample; its memory is valid during the call. Joins no consumer group,
// and commits nothing. kUnavailable if the topic does not exist, or the brokers do not answer.
Result<TopicSample> SampleTopic(const kafka::ClientConfig& brokers, const TopicSampleOptions& options,
                                const std::function<Status(const kafka::Message&)>& accept);

}  // namespace forebay
