// What a producing run asks the brokers before it sends and after it has sent; and where its receipt goes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "kafka/admin.h"
#include "produce/run.h"
#include "receipt/receipt.h"

namespace forebay::produce {

// The path that was asked for, or RUN.json in it where it is a directory.
std::string ReceiptPath(const std::string& asked, const std::string& run);

std::vector<std::string> TopicNames(const Receipt& receipt);

// Waits for the broker, and fills in the topics' ids; the topics, in the order of the receipt's tables.
// `contract` and `brokers` stand in the advice.
Result<std::vector<kafka::TopicInfo>> FindTopics(kafka::Admin& admin, const std::string& contract,
                                                 const std::string& brokers, Receipt* receipt);

// A receipt speaks of topics by their ids: after a change its offsets mean nothing (kUnavailable).
Status CheckTopicsStayed(kafka::Admin& admin, const Receipt& receipt);

// Small enough that only a record that is too large by itself can make a batch too large for its topic.
Result<int64_t> BatchBytes(kafka::Admin& admin, const Receipt& receipt);

// How many clients to produce with: two where one would be the limit, unless that took the records of a
// partition out of the order in which they were sent.
int ClientCount(const std::vector<kafka::TopicInfo>& topics, const RunOptions& options);

}  // namespace forebay::produce
