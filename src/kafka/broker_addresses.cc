#include "kafka/broker_addresses.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/trim.h"

namespace forebay::kafka {
namespace {

constexpr std::string_view kDefaultPort = "9092";

// Whether Kafka's Java client accepts this host; a colon only in an IPv6 address.
bool IsHost(std::string_view host, bool ipv6) {
  const auto allowed = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.' || c == '_' || c == '%' || (ipv6 && c == ':');
  };
  return !host.empty() && std::all_of(host.begin(), host.end(), allowed);
}

bool IsPort(std::string_view text) {
  int port = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && rest == end && port >= 1 && port <= 65535;
}

// Host and port, with the brackets of an IPv6 address; empty for an invalid address.
std::optional<std::string> HostAndPort(std::string_view address) {
  const size_t bracket = address.starts_with('[') ? address.find(']') : std::string_view::npos;
  const bool bracketed = bracket != std::string_view::npos;
  const bool ipv6 = bracketed || std::count(address.begin(), address.end(), ':') > 1;
  size_t end = ipv6 ? address.size() : std::min(address.find(':'), address.size());
  if (bracketed) end = bracket + 1;
  const std::string_view host = bracketed ? address.substr(1, bracket - 1) : address.substr(0, end);
  const std::string_view rest = address.substr(end);
  if (!rest.empty() && rest.front() != ':') return std::nullopt;
  const std::string_view port = rest.empty() ? kDefaultPort : rest.substr(1);
  if (!IsHost(host, ipv6) || !IsPort(port)) return std::nullopt;
  return ipv6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

Result<std::string> CheckAddress(std::string_view address, const std::string& security_protocol) {
  std::string_view rest = address;
  if (const size_t slashes = address.find("://"); slashes != std::string_view::npos) {
    const std::string protocol(address.substr(0, slashes));
    if (strcasecmp(protocol.c_str(), security_protocol.c_str()) != 0) {
      return InvalidArgumentError(fmt::format(
          "the broker address '{}' asks for {}, while security.protocol is {}; write HOST:PORT, and set "
          "security.protocol in the file of --kafka-config",
          address, protocol, security_protocol));
    }
    rest = address.substr(slashes + 3);
  }
  if (auto good = HostAndPort(rest)) return *std::move(good);
  return InvalidArgumentError(
      fmt::format("the broker address '{}' is not HOST:PORT, with a port from 1 to 65535; correct --brokers "
                  "or FOREBAY_BROKERS",
                  address));
}

}  // namespace

Result<std::string> CheckBrokerAddresses(std::string_view brokers, const std::string& security_protocol) {
  std::string addresses;
  while (!brokers.empty()) {
    const size_t end = std::min(brokers.find(','), brokers.size());
    const std::string_view address = Trim(brokers.substr(0, end));
    brokers.remove_prefix(std::min(end + 1, brokers.size()));
    if (address.empty()) continue;
    FOREBAY_ASSIGN(const std::string good, CheckAddress(address, security_protocol));
    addresses += (addresses.empty() ? "" : ",") + good;
  }
  if (addresses.empty())
    return InvalidArgumentError("no Kafka brokers are given; add --brokers HOST:PORT or set FOREBAY_BROKERS");
  return addresses;
}

}  // namespace forebay::kafka
