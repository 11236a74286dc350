// The topics and positions that a landing reads.
#pragma once

#include <memory>
#include <vector>

#include "base/ids.h"
#include "contract/contract.h"
#include "kafka/consumer.h"

namespace arrow {
class Schema;
}

namespace forebay {

// A topic as the lander found it at the start. Its position in LandPlan::topics is the topic index that
// messages carry.
struct LandTopic {
  const Table* table = nullptr;
  TopicId id;
  std::shared_ptr<arrow::Schema> schema;
};

struct LandPlan {
  std::vector<LandTopic> topics;  // one for each table, in the contract's order
  std::shared_ptr<arrow::Schema> quarantine_schema;
  std::vector<kafka::Position> starts;  // start position of each partition
  std::vector<kafka::Position> ends;    // --once: end positions, in the order of `starts`; else empty
  // Offsets behind open transactions, of all partitions: beyond `ends`, and not landed before those end.
  int64_t held_back = 0;
};

}  // namespace forebay
