#include "sample/topic_sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "kafka/consumer.h"
#include "kafka/range_reader.h"

namespace forebay {
namespace {

constexpr int64_t kQueueBytes = 16 * 1024 * 1024;

int64_t Size(const OffsetRange& range) {
  return range.to.value() - range.from.value();
}

class Sampler {
 public:
  Sampler(const TopicSampleOptions& options, const std::function<Status(const kafka::Message&)>& accept)
      : options_(options), accept_(accept) {}

  Result<TopicSample> Read(const kafka::ClientConfig& brokers) {
    FOREBAY_ASSIGN(const auto partitions, FindPartitions(brokers));
    for (const OffsetRange& partition : partitions) sample_.offsets += Size(partition);
    sample_.partitions = static_cast<int32_t>(partitions.size());
    std::vector<kafka::RangeToRead> oldest;
    std::vector<kafka::RangeToRead> newest;
    const uint64_t records = options_.records == 0 ? UINT64_MAX : options_.records;
    for (const PartitionSample& part : PlanSample(partitions, records)) {
      const PartitionId partition(static_cast<int32_t>(oldest.size()));
      oldest.push_back({0, partition, part.oldest, part.oldest_records});
      newest.push_back({0, partition, part.newest});
    }
    kafka::ConsumerOptions options;
    options.topics = {options_.topic};
    options.queue_bytes = kQueueBytes;
    FOREBAY_ASSIGN(const auto consumer, kafka::Consumer::Open(brokers, options));
    FOREBAY_TRY(ReadRanges(*consumer, oldest));
    FOREBAY_TRY(ReadRanges(*consumer, newest));
    return sample_;
  }

 private:
  Result<std::vector<OffsetRange>> FindPartitions(const kafka::ClientConfig& brokers) const {
    FOREBAY_ASSIGN(const auto admin, kafka::Admin::Open(brokers, {.stop = options_.stop}));
    FOREBAY_ASSIGN(const auto topics, admin->DescribeTopics({options_.topic}));
    if (!topics.front().exists) {
      return UnavailableError(fmt::format("the topic {} does not exist at {}; check --topic and --brokers",
                                          options_.topic, brokers.brokers()));
    }
    std::vector<kafka::NamedPartition> names;
    for (int32_t p = 0; p < topics.front().partitions; ++p) names.push_back({options_.topic, PartitionId(p)});
    FOREBAY_ASSIGN(const auto watermarks, admin->QueryWatermarks(names));
    std::vector<OffsetRange> partitions;
    for (const kafka::Watermarks& marks : watermarks)
      partitions.push_back({marks.earliest, std::max(marks.earliest, marks.stable)});
    return partitions;
  }

  // One range for each partition, some of them empty.
  Status ReadRanges(kafka::Consumer& consumer, const std::vector<kafka::RangeToRead>& ranges) {
    std::vector<int64_t> left;
    std::vector<kafka::RangeToRead> to_read;
    for (const kafka::RangeToRead& range : ranges) {
      left.push_back(range.records);
      if (Size(range.offsets) > 0) to_read.push_back(range);
    }
    return kafka::ReadRanges(consumer, to_read, {.stop = options_.stop}, [&](const auto& messages) -> Status {
      for (const kafka::Message& message : messages) {
        const auto p = static_cast<size_t>(message.partition.value());
        if (message.offset >= ranges[p].offsets.to || left[p] == 0) continue;
        --left[p];
        ++sample_.records;
        FOREBAY_TRY(accept_(message));
      }
      return Ok();
    });
  }

  const TopicSampleOptions& options_;
  const std::function<Status(const kafka::Message&)>& accept_;
  TopicSample sample_;
};

}  // namespace

std::vector<PartitionSample> PlanSample(const std::vector<OffsetRange>& partitions, uint64_t records) {
  std::vector<size_t> by_size(partitions.size());
  std::iota(by_size.begin(), by_size.end(), size_t{0});
  std::stable_sort(by_size.begin(), by_size.end(),
                   [&](size_t a, size_t b) { return Size(partitions[a]) < Size(partitions[b]); });
  std::vector<PartitionSample> plan(partitions.size());
  uint64_t left = std::min<uint64_t>(records, INT64_MAX);
  for (size_t i = 0; i < by_size.size(); ++i) {
    const OffsetRange& all = partitions[by_size[i]];
    const auto share = static_cast<int64_t>(left / (by_size.size() - i));
    const int64_t size = std::min(Size(all), share);
    left -= static_cast<uint64_t>(size);
    const int64_t newest = size == Size(all) ? 0 : size / 2;
    const Offset parted(all.to.value() - newest);
    plan[by_size[i]] = {{all.from, size == 0 ? all.from : parted}, size - newest, {parted, all.to}};
  }
  return plan;
}

Result<TopicSample> SampleTopic(const kafka::ClientConfig& brokers, const TopicSampleOptions& options,
                                const std::function<Status(const kafka::Message&)>& accept) {
  return Sampler(options, accept).Read(brokers);
}

}  // namespace forebay
