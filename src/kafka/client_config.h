// Connection to the brokers: their addresses, and the TLS and SASL settings of a file.
//
// Secrets live in that file, never on the command line, and never reach a log line or an error: every text
// from librdkafka passes through ClientConfig::Redact.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace forebay::kafka {

struct Setting {
  std::string key;
  std::string value;
  int line = 0;  // in the settings file, 1-based
};

class ClientConfig {
 public:
  // The caller's own settings, which come first (HandleOptions::defaults) or which nothing overrides
  // (HandleOptions::fixed), are not part of this. `settings_path` (may be empty) names a file of librdkafka
  // settings: "key=value" lines. Empty lines and lines that begin with # are skipped. Settings that
  // exactly-once depends on (acks, isolation.level, auto.offset.reset, ...) are refused with file and line.
  // So are TLS settings that name an unreadable file. `brokers`: see CheckBrokerAddresses.
  static Result<ClientConfig> Make(const std::string& brokers, const std::string& settings_path);
  // The same for settings already in memory; messages name them `source_name`.
  static Result<ClientConfig> Parse(const std::string& brokers, std::string_view settings,
                                    const std::string& source_name);

  // "host:port,host:port", with every port written out, as Kafka's Java client requires.
  const std::string& brokers() const { return brokers_; }
  const std::vector<Setting>& settings() const { return settings_; }
  const std::string& source_name() const { return source_name_; }

  // Returns the text with every secret value of the settings replaced by ***. Thread-safe.
  std::string Redact(std::string text) const;

 private:
  std::string brokers_;
  std::string source_name_;
  std::vector<Setting> settings_;
};

// Whether the value of a setting is a secret: passwords, keys, OAuth and JAAS configuration.
bool IsSecretSetting(std::string_view key);

}  // namespace forebay::kafka
