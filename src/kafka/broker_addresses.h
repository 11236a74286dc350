// The addresses of --brokers, as both librdkafka and Kafka's Java client take them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace forebay::kafka {

// "host:port" for each address of a list parted by commas: blanks and empty places go, a port that is not
// given is 9092, an IPv6 address gets its brackets, and a protocol in front has to be that of the settings
// ("SSL://host:9093" with security.protocol=ssl). kInvalidArgument, with the address, for what neither client
// could ever reach: librdkafka itself waits for port "abc", and takes 99999 for 34463.
Result<std::string> CheckBrokerAddresses(std::string_view brokers, const std::string& security_protocol);

}  // namespace forebay::kafka
