// How to reach the brokers: addresses, and settings for TLS and SASL out of a file.
//
// Secrets live in that file, never on the command line, and never reach a log line or an error: every text
// that comes from librdkafka goes through ClientConfig::Redact.
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
  // Settings that come first and that nothing overrides are the caller's; `settings_path` (may be empty)
  // names a file of librdkafka settings, "key=value" lines; empty lines and lines that begin with # are
  // passed over. Settings that exactly-once depends on (acks, isolation.level, auto.offset.reset, ...) are
  // refused with file and line, and so are those of TLS that name a file which cannot be read. `brokers` as
  // CheckBrokerAddresses has it.
  static Result<ClientConfig> Make(const std::string& brokers, const std::string& settings_path);
  // The same, out of a text that is already read; `source_name` stands in messages.
  static Result<ClientConfig> Parse(const std::string& brokers, std::string_view settings,
                                    const std::string& source_name);

  // "host:port,host:port": written in full, which Kafka's Java client needs.
  const std::string& brokers() const { return brokers_; }
  const std::vector<Setting>& settings() const { return settings_; }
  const std::string& source_name() const { return source_name_; }

  // The text with every secret value of the settings replaced by ***. Thread-safe.
  std::string Redact(std::string text) const;

 private:
  std::string brokers_;
  std::string source_name_;
  std::vector<Setting> settings_;
};

// Whether a setting's value is a secret: passwords, keys, OAuth and JAAS configuration.
bool IsSecretSetting(std::string_view key);

}  // namespace forebay::kafka
