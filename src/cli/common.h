// Shared by the subcommands: flags with the same name and meaning everywhere, errors, stop signals, log
// set-up.
#pragma once

#include <CLI/CLI.hpp>
#include <atomic>
#include <string>

#include "base/result.h"

namespace forebay::cli {

// Flags override environment variables (FOREBAY_CONTRACT, FOREBAY_BROKERS, FOREBAY_LAKE), which override
// defaults.
CLI::Option* AddContractFlag(CLI::App& command, std::string& contract);
CLI::Option* AddBrokersFlag(CLI::App& command, std::string& brokers);
CLI::Option* AddLakeFlag(CLI::App& command, std::string& lake);
// Extra librdkafka settings from --kafka-config FILE (key=value lines; FOREBAY_KAFKA_CONFIG): TLS, SASL.
// Secrets belong there or in the environment, never on the command line.
CLI::Option* AddKafkaConfigFlag(CLI::App& command, std::string& path);

// How long a command that can do without the brokers waits for them.
CLI::Option* AddBrokerTimeoutFlag(CLI::App& command, std::string& duration);

// Opens /dev/null on each closed standard descriptor. Otherwise a file of a lake, or a socket, would get its
// number and receive printed output. Reads and writes on it fail, as before. Call this first.
void OccupyStandardDescriptors();

// Call this last. Returns the final exit status: 3 (with a line on stderr) if `status` is 0 and the output
// could not be written. A reader that closes the pipe early (`| head`) is not an error.
int StatusAfterOutput(int status);

// Reject "", and "nan" and "inf", which CLI::Range accepts.
CLI::Validator NotEmpty();
CLI::Validator IsFinite();

// Prints "forebay: <message>" to stderr and returns the exit status of the error.
int Fail(const Error& error);

// Set by SIGINT and SIGTERM after InstallStopSignals(). A second signal ends the process at once.
std::atomic<bool>& StopRequested();
void InstallStopSignals();

// Logs go to stderr through spdlog, one line each; FOREBAY_LOG sets the level.
void SetUpLogging();

}  // namespace forebay::cli
