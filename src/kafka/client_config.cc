#include "kafka/client_config.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/read_file.h"
#include "base/trim.h"
#include "kafka/broker_addresses.h"

namespace forebay::kafka {
namespace {

constexpr size_t kMaxSettingsBytes = 1 << 20;

// Exactly-once depends on these; Forebay sets them itself.
constexpr std::array kOwnSettings = {
    "bootstrap.servers",
    "metadata.broker.list",
    "enable.idempotence",
    "acks",
    "request.required.acks",
    "isolation.level",
    "auto.offset.reset",
    "check.crcs",
    "enable.auto.commit",
    "auto.commit.enable",
    "enable.auto.offset.store",
    "enable.partition.eof",
    "transactional.id",
    "message.timeout.ms",
    "delivery.timeout.ms",
    "group.protocol",
    "enable.gapless.guarantee",
    "partitioner",
    "allow.auto.create.topics",
    "max.in.flight.requests.per.connection",
    "max.in.flight",
    "retries",
    "message.send.max.retries",
};

// Files and directories that must be readable: OpenSSL's own errors name neither the file nor the reason.
constexpr std::array kFileSettings = {
    "ssl.ca.location",  "ssl.certificate.location", "ssl.key.location",
    "ssl.crl.location", "ssl.keystore.location",
};

// "${NAME}" stands for an environment variable, so that the file need not contain a secret.
Result<std::string> Expand(std::string_view value, const std::string& where) {
  if (!value.starts_with("${") || !value.ends_with("}")) return std::string(value);
  const std::string name(value.substr(2, value.size() - 3));
  const char* content = std::getenv(name.c_str());
  if (content == nullptr) {
    return InvalidArgumentError(
        fmt::format("{}: the environment variable {} is not set; export it", where, name));
  }
  return std::string(content);
}

Status CheckSetting(rd_kafka_conf_t* conf, const Setting& setting, const std::string& where) {
  char reason[512] = "";
  switch (rd_kafka_conf_set(conf, setting.key.c_str(), setting.value.c_str(), reason, sizeof reason)) {
    case RD_KAFKA_CONF_OK:
      return Ok();
    case RD_KAFKA_CONF_UNKNOWN:
      return InvalidArgumentError(fmt::format("{}: unknown librdkafka setting '{}'", where, setting.key));
    case RD_KAFKA_CONF_INVALID:
      break;
  }
  const bool secret = IsSecretSetting(setting.key);
  return InvalidArgumentError(fmt::format("{}: invalid value of librdkafka setting '{}'{}", where,
                                          setting.key, secret ? std::string() : fmt::format(": {}", reason)));
}

Status CheckFile(const Setting& setting, const std::string& where) {
  if (std::find(kFileSettings.begin(), kFileSettings.end(), setting.key) == kFileSettings.end()) return Ok();
  // librdkafka's keyword for a search of the system's certificate locations.
  if (setting.key == "ssl.ca.location" && setting.value == "probe") return Ok();
  if (access(setting.value.c_str(), R_OK) == 0) return Ok();
  return InvalidArgumentError(fmt::format("{}: {} names '{}', which cannot be read: {}; correct the path",
                                          where, setting.key, setting.value, std::strerror(errno)));
}

Result<Setting> ParseLine(std::string_view line, int number, const std::string& where) {
  const auto equals = line.find('=');
  if (equals == std::string_view::npos || Trim(line.substr(0, equals)).empty()) {
    // The error omits the line itself: it may be a password.
    return InvalidArgumentError(fmt::format("{}: not a setting; write key=value", where));
  }
  Setting setting{std::string(Trim(line.substr(0, equals))), {}, number};
  if (setting.key == "group.id") {
    return InvalidArgumentError(fmt::format(
        "{}: 'group.id' is not a setting of this file; `forebay land --consumer-group` names the group",
        where));
  }
  if (std::find(kOwnSettings.begin(), kOwnSettings.end(), setting.key) != kOwnSettings.end()) {
    return InvalidArgumentError(
        fmt::format("{}: '{}' is set by Forebay itself; remove the line", where, setting.key));
  }
  FOREBAY_ASSIGN(setting.value, Expand(Trim(line.substr(equals + 1)), where));
  return setting;
}

}  // namespace

bool IsSecretSetting(std::string_view key) {
  static constexpr std::array kMarks = {"password", "secret", "key.pem",    "private",
                                        "jaas",     "token",  "passphrase", "oauthbearer.config",
                                        "assertion"};
  return std::any_of(kMarks.begin(), kMarks.end(),
                     [&](std::string_view mark) { return key.find(mark) != std::string_view::npos; });
}

Result<ClientConfig> ClientConfig::Make(const std::string& brokers, const std::string& settings_path) {
  if (settings_path.empty()) return Parse(brokers, "", "");
  const auto text = ReadAtMost(settings_path, kMaxSettingsBytes + 1);
  if (!text) {
    return InvalidArgumentError(
        fmt::format("the Kafka settings file {} cannot be read: {}; check --kafka-config", settings_path,
                    std::strerror(errno)));
  }
  if (text->size() > kMaxSettingsBytes) {
    return InvalidArgumentError(
        fmt::format("{} is not a file of Kafka settings: it has more than {} bytes; check --kafka-config",
                    settings_path, kMaxSettingsBytes));
  }
  return Parse(brokers, *text, settings_path);
}

Result<ClientConfig> ClientConfig::Parse(const std::string& brokers, std::string_view settings,
                                         const std::string& source_name) {
  ClientConfig config;
  config.source_name_ = source_name;
  std::string security_protocol = "plaintext";
  const std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)> scratch(rd_kafka_conf_new(),
                                                                                   rd_kafka_conf_destroy);
  for (int number = 1; !settings.empty(); ++number) {
    const auto end = std::min(settings.find('\n'), settings.size());
    const std::string_view line = Trim(settings.substr(0, end));
    settings.remove_prefix(std::min(end + 1, settings.size()));
    if (line.empty() || line.front() == '#') continue;
    const std::string where = fmt::format("{}:{}", source_name, number);
    FOREBAY_ASSIGN(Setting setting, ParseLine(line, number, where));
    FOREBAY_TRY(CheckSetting(scratch.get(), setting, where));
    FOREBAY_TRY(CheckFile(setting, where));
    if (setting.key == "security.protocol") security_protocol = setting.value;
    config.settings_.push_back(std::move(setting));
  }
  FOREBAY_ASSIGN(config.brokers_, CheckBrokerAddresses(brokers, security_protocol));
  return config;
}

std::string ClientConfig::Redact(std::string text) const {
  for (const Setting& setting : settings_) {
    if (setting.value.empty() || !IsSecretSetting(setting.key)) continue;
    for (size_t at = text.find(setting.value); at != std::string::npos;
         at = text.find(setting.value, at + 3)) {
      text.replace(at, setting.value.size(), "***");
    }
  }
  return text;
}

}  // namespace forebay::kafka
