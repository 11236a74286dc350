// What the subcommands share: flags with the same name and meaning everywhere, errors, stop signals, log
// set-up.
#pragma once

#include <CLI/CLI.hpp>
#include <atomic>
#include <string>

#include "base/result.h"

namespace forebay::cli {

// Flags beat environment variables (FOREBAY_CONTRACT, FOREBAY_BROKERS, FOREBAY_LAKE), which beat defaults.
CLI::Option* AddContractFlag(CLI::App& command, std::string& contract);
CLI::Option* AddBrokersFlag(CLI::App& command, std::string& brokers);
CLI::Option* AddLakeFlag(CLI::App& command, std::string& lake);
// Extra librdkafka settings from --kafka-config FILE (key=value lines; FOREBAY_KAFKA_CONFIG): TLS, SASL.
// Secrets live there or in the environment, never on the command line.
CLI::Option* AddKafkaConfigFlag(CLI::App& command, std::string& path);

// Puts something on standard descriptors that are closed, so that no file of a lake, and no socket, gets
// their numbers and what is printed with them. Reading and writing there fails, as it did. To be called
// first.
void OccupyStandardDescriptors();

// To be called last: the exit status after all, 3 (with a line on stderr) where it would have been 0 and what
// was printed could not be written. A reader that has seen enough (`| head`) is no error.
int StatusAfterOutput(int status);

// Refuse "" where something has to be named, and "nan" and "inf", which CLI::Range lets pass.
CLI::Validator NotEmpty();
CLI::Validator IsFinite();

// Prints "forebay: <message>" to stderr and gives the exit status of the error.
int Fail(const Error& error);

// Set by SIGINT and SIGTERM from InstallStopSignals() on. A second signal ends the process at once.
std::atomic<bool>& StopRequested();
void InstallStopSignals();

// Logs go to stderr through spdlog, one line each; FOREBAY_LOG sets the level.
void SetUpLogging();

}  // namespace forebay::cli
