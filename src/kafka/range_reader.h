// Reads given ranges of offsets, each to its end.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "kafka/consumer.h"

namespace forebay::kafka {

struct RangeToRead {
  uint32_t topic = 0;  // index into ConsumerOptions::topics
  PartitionId partition;
  OffsetRange offsets;
  int64_t records = INT64_MAX;  // enough of them: the reading need not go on to the end of the range
};

struct RangeReadOptions {
  const std::atomic<bool>* stop = nullptr;  // ends the reading with kCancelled; may be null
  double silence_s = 60;                    // without a record for so long: kUnavailable
};

// Calls `accept` for the messages of each poll; their memory is valid during the call. Messages outside of
// the ranges are among them. Ends when each partition is past its range, at its end, or has brought enough
// records. REQUIRES: one range for a partition.
Status ReadRanges(Consumer& consumer, const std::vector<RangeToRead>& ranges, const RangeReadOptions& options,
                  const std::function<Status(const std::vector<Message>&)>& accept);

}  // namespace forebay::kafka
