// The topics and positions that a landing works on.
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

// A topic as the landing found it at its start. Its position in LandPlan::topics is the topic index that
// messages carry.
struct LandTopic {
  const Table* table = nullptr;
  TopicId id;
  std::shared_ptr<arrow::Schema> schema;
};

struct LandPlan {
  std::vector<LandTopic> topics;  // one for each table, in the contract's order
  std::shared_ptr<arrow::Schema> quarantine_schema;
  std::vector<kafka::Position> starts;  // where each partition is read from
  std::vector<kafka::Position> ends;    // --once: where each is read to, in the order of `starts`; else empty
};

}  // namespace forebay
