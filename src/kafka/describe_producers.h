// Kafka's request DescribeProducers (key 61, version 0): which producers have a transaction open in a
// partition.
//
// librdkafka has no such call. A request of its own needs a connection of its own, and so this one is made
// only where a connection needs neither TLS nor SASL (docs/decisions/0101-open-transactions.md). Used inside
// this room only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "kafka/admin.h"

namespace forebay::kafka {

// The producer of a transaction that is open in a partition, and the transaction's first offset there.
struct OpenProducer {
  int64_t id = 0;
  int32_t epoch = 0;
  Offset first;
};

using OpenProducers = std::map<NamedPartition, std::vector<OpenProducer>>;

// Asks the broker at host:port, which leads these partitions. Empty if it does not answer within
// `timeout_ms`, or answers with an error: a partition is absent then.
OpenProducers DescribeProducers(const std::string& host, int port,
                                const std::vector<NamedPartition>& partitions, int64_t timeout_ms);

// The two halves of it, without the length that precedes each message. Pure.
std::string EncodeDescribeProducers(const std::vector<NamedPartition>& partitions);
// Nullopt: not an answer to such a request.
std::optional<OpenProducers> DecodeDescribeProducers(std::string_view answer);

}  // namespace forebay::kafka
