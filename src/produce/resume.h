// Continues an interrupted run: sends what is not in the topic yet, once, under the same run and receipt.
//
// The receipt names the sequence numbers of the acknowledged records, as of its last writing. A producer that
// was killed may have had more of them acknowledged since; these are in the topic, and their headers name the
// run and the sequence number.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/result.h"
#include "kafka/admin.h"
#include "kafka/client_config.h"
#include "produce/plan.h"
#include "produce/source.h"
#include "receipt/receipt.h"

namespace forebay::produce {

// Checks that `source` gives the records that the receipt names, by their sum. Reads it up to the last of
// them. kInvalidArgument if it gives others, kCancelled after a stop.
Status CheckSentRecords(Source& source, const Receipt& receipt, const std::atomic<bool>* stop);

// Finds the plan's topics, and returns them in the order of the receipt's tables. Of a new run, notes in the
// receipt where each partition ends: the records of the run come behind. Of a resumed run, adds its records
// that are in the topics, and that the receipt does not name, to the receipt, and lets the plan's source give
// only the others. `brokers` is quoted in advice.
Result<std::vector<kafka::TopicInfo>> PrepareTopics(const PlanText& text, const std::string& brokers,
                                                    const kafka::ClientConfig& config, kafka::Admin& admin,
                                                    Plan* plan);

}  // namespace forebay::produce
