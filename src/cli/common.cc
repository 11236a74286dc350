#include "cli/common.h"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace forebay::cli {
namespace {

std::atomic<bool> g_stop_requested{false};

void OnStopSignal(int signal_number) {
  if (g_stop_requested.exchange(true)) _exit(128 + signal_number);
}

}  // namespace

CLI::Option* AddContractFlag(CLI::App& command, std::string& contract) {
  return command.add_option("--contract", contract, "The contract: an ODCS YAML file")
      ->envname("FOREBAY_CONTRACT")
      ->type_name("FILE")
      ->check(NotEmpty())
      ->required();
}

CLI::Option* AddBrokersFlag(CLI::App& command, std::string& brokers) {
  return command.add_option("--brokers", brokers, "Kafka brokers, host:port[,host:port...]")
      ->envname("FOREBAY_BROKERS")
      ->type_name("HOST:PORT,...");
}

CLI::Option* AddLakeFlag(CLI::App& command, std::string& lake) {
  return command.add_option("--lake", lake, "The lake's directory")
      ->envname("FOREBAY_LAKE")
      ->type_name("DIR")
      ->check(NotEmpty())
      ->required();
}

CLI::Option* AddKafkaConfigFlag(CLI::App& command, std::string& path) {
  return command
      .add_option("--kafka-config", path, "File of librdkafka settings (key=value lines), for TLS and SASL")
      ->envname("FOREBAY_KAFKA_CONFIG")
      ->type_name("FILE");
}

CLI::Option* AddBrokerTimeoutFlag(CLI::App& command, std::string& duration) {
  return command
      .add_option("--broker-timeout", duration, "Do without the brokers if they do not answer for this long")
      ->type_name("DURATION")
      ->capture_default_str();
}

void OccupyStandardDescriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) != -1 || errno != EBADF) continue;
    // open returns the lowest free number, which is this one. The access mode is the opposite one, so that
    // its use fails.
    if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) _exit(3);
  }
}

int StatusAfterOutput(int status) {
  std::cout.flush();
  const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (written) return status;
  struct pollfd out = {STDOUT_FILENO, POLLOUT, 0};
  if (poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0) return status;
  std::fputs("forebay: output is incomplete: cannot write to standard output\n", stderr);
  return status == 0 ? 3 : status;
}

CLI::Validator NotEmpty() {
  return {[](std::string& text) { return std::string(text.empty() ? "must not be empty" : ""); }, "", ""};
}

CLI::Validator IsFinite() {
  return {[](std::string& text) {
            const bool finite = std::isfinite(std::strtod(text.c_str(), nullptr));
            return finite ? std::string() : text + " is not a finite number";
          },
          "", ""};
}

int Fail(const Error& error) {
  std::fprintf(stderr, "forebay: %s\n", error.message().c_str());
  return ExitStatus(error);
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
