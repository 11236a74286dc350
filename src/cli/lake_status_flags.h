// Flags of the commands that show a lake's status: its path, the brokers to query for lag, and when a date is
// complete.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "base/result.h"
#include "serve/lake_watch.h"

namespace forebay::cli {

struct LakeStatusFlags {
  std::string lake;
  std::string brokers;
  std::string kafka_config;
  std::string grace = "1h";
  std::string idle = "10m";
  std::string local_clock = "auto";
  std::string engine_status;
};

void AddLakeStatusFlags(CLI::App& command, LakeStatusFlags& flags);

// kInvalidArgument for an invalid duration or invalid Kafka settings.
Result<serve::WatchOptions> MakeWatchOptions(const LakeStatusFlags& flags);

}  // namespace forebay::cli
