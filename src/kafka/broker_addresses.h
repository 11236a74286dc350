// The addresses of --brokers, normalized for both librdkafka and Kafka's Java client.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace forebay::kafka {

// Returns "host:port" for each address of a comma-separated list. Blanks and empty entries are dropped. The
// default port is 9092. IPv6 addresses get their brackets. A protocol prefix must match the settings
// ("SSL://host:9093" with security.protocol=ssl). An address that neither client could ever reach is
// kInvalidArgument with the address: librdkafka itself waits for port "abc", and takes 99999 for 34463.
Result<std::string> CheckBrokerAddresses(std::string_view brokers, const std::string& security_protocol);

}  // namespace forebay::kafka
