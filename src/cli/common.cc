#include "cli/common.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace forebay::cli {
namespace {

std::atomic<bool> g_stop_requested{false};

void OnStopSignal(int signal_number) {
  if (g_stop_requested.exchange(true)) _exit(128 + signal_number);
}

struct Unit {
  const char* name;
  int64_t factor;
};

Result<int64_t> ParseWithUnit(const std::string& text, std::initializer_list<Unit> units,
                              const char* expected) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && number >= 0) {
    const std::string unit(rest, end);
    for (const Unit& candidate : units) {
      int64_t product = 0;
      if (unit == candidate.name && !__builtin_mul_overflow(number, candidate.factor, &product))
        return product;
    }
  }
  return UsageError("'" + text + "' is not " + expected);
}

}  // namespace

CLI::Option* AddContractFlag(CLI::App& command, std::string& contract) {
  return command.add_option("--contract", contract, "The contract: an ODCS YAML file")
      ->envname("FOREBAY_CONTRACT")
      ->required();
}

CLI::Option* AddBrokersFlag(CLI::App& command, std::string& brokers) {
  return command.add_option("--brokers", brokers, "Kafka brokers, host:port[,host:port...]")
      ->envname("FOREBAY_BROKERS");
}

CLI::Option* AddLakeFlag(CLI::App& command, std::string& lake) {
  return command.add_option("--lake", lake, "The lake's directory")->envname("FOREBAY_LAKE")->required();
}

CLI::Option* AddKafkaConfigFlag(CLI::App& command, std::string& path) {
  return command
      .add_option("--kafka-config", path, "File of librdkafka settings (key=value lines), for TLS and SASL")
      ->envname("FOREBAY_KAFKA_CONFIG");
}

int Fail(const Error& error) {
  std::fprintf(stderr, "forebay: %s\n", error.message().c_str());
  return ExitStatus(error);
}

Result<int64_t> ParseDurationMs(const std::string& text) {
  return ParseWithUnit(
      text, {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}},
      "a duration: write 250ms, 90s, 5m, 2h or 1d");
}

Result<int64_t> ParseBytes(const std::string& text) {
  return ParseWithUnit(text,
                       {{"", 1},
                        {"B", 1},
                        {"kB", 1000},
                        {"KB", 1000},
                        {"MB", 1'000'000},
                        {"GB", 1'000'000'000},
                        {"KiB", 1024},
                        {"MiB", 1024 * 1024},
                        {"GiB", 1024 * 1024 * 1024}},
                       "a size: write 512MB, 64MiB or 1GB");
}

std::atomic<bool>& StopRequested() {
  return g_stop_requested;
}

void InstallStopSignals() {
  struct sigaction action = {};
  action.sa_handler = OnStopSignal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

void SetUpLogging() {
  auto logger = spdlog::stderr_color_mt("forebay");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
  spdlog::set_default_logger(logger);
  const char* level = std::getenv("FOREBAY_LOG");
  spdlog::set_level(level != nullptr ? spdlog::level::from_str(level) : spdlog::level::info);
}

}  // namespace forebay::cli
