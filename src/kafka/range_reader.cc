#include "kafka/range_reader.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <map>
#include <utility>

#include "base/time.h"

namespace forebay::kafka {
namespace {

constexpr int kPollMs = 50;

// Records that came of each partition.
using Counts = std::map<std::pair<uint32_t, PartitionId>, int64_t>;

bool AreRead(const std::vector<RangeToRead>& ranges, const std::vector<Position>& positions,
             const Counts& counts) {
  for (size_t i = 0; i < ranges.size(); ++i) {
    if (positions[i].at_end || positions[i].offset >= ranges[i].offsets.to) continue;
    const auto came = counts.find({ranges[i].topic, ranges[i].partition});
    if (came == counts.end() || came->second < ranges[i].records) return false;
  }
  return true;
}

}  // namespace

Status ReadRanges(Consumer& consumer, const std::vector<RangeToRead>& ranges, const RangeReadOptions& options,
                  const std::function<Status(const std::vector<Message>&)>& accept) {
  if (ranges.empty()) return Ok();
  std::vector<Position> starts;
  for (const RangeToRead& range : ranges)
    starts.push_back({range.topic, range.partition, range.offsets.from});
  FOREBAY_TRY(consumer.Assign(starts));
  MessageBatch batch;
  Counts counts;
  double last_message = MonotonicSeconds();
  while (!AreRead(ranges, consumer.positions(), counts)) {
    if (options.stop != nullptr && options.stop->load())
      return CancelledError("stopped while records were read from the brokers");
    FOREBAY_TRY(consumer.Poll(&batch, kPollMs));
    for (const std::string& warning : consumer.DrainWarnings()) spdlog::warn("{}", warning);
    for (const Message& message : batch.messages()) ++counts[{message.topic, message.partition}];
    FOREBAY_TRY(accept(batch.messages()));
    if (!batch.empty()) last_message = MonotonicSeconds();
    if (MonotonicSeconds() - last_message > options.silence_s) {
      return UnavailableError(
          fmt::format("no records from the brokers for {:.0f} s; check whether all partitions have leaders, "
                      "and try again",
                      options.silence_s));
    }
  }
  return Ok();
}

}  // namespace forebay::kafka
