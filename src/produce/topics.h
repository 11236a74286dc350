// A producing run's requests to the brokers before and after sending, and the path of its receipt.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "contract/topics.h"
#include "kafka/admin.h"
#include "produce/run.h"
#include "receipt/receipt.h"

namespace forebay::produce {

// The requested path; RUN.json in it if it is a directory.
std::string ReceiptPath(const std::string& asked, const std::string& run);

std::vector<std::string> TopicNames(const Receipt& receipt);

// Waits for the broker, and fills in the topics' ids; refuses others than a resumed run's. Returns the topics
// in the order of the receipt's tables. `contract` and `brokers` are quoted in the advice.
Result<std::vector<kafka::TopicInfo>> FindTopics(kafka::Admin& admin, const std::string& contract,
                                                 const std::string& brokers,
                                                 const std::vector<SelectedTopic>& chosen, Receipt* receipt);

// A receipt identifies topics by id. If one has changed, the receipt's offsets are meaningless: kUnavailable.
Status CheckTopicsStayed(kafka::Admin& admin, const Receipt& receipt);

// Returns a batch size small enough that a batch exceeds its topic's limit only if a single record does.
Result<int64_t> BatchBytes(kafka::Admin& admin, const Receipt& receipt);

// Number of clients: two where one would be the bottleneck, unless two would break the order of records
// within a partition.
int ClientCount(const std::vector<kafka::TopicInfo>& topics, const RunOptions& options);

}  // namespace forebay::produce
