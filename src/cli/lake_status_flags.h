// The flags of commands that look at a lake: where it is, whom to ask for lag, when a date is complete.
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
  std::string engine_status;
};

void AddLakeStatusFlags(CLI::App& command, LakeStatusFlags& flags);

// kInvalidArgument for a duration, or Kafka settings, that are none.
Result<serve::WatchOptions> MakeWatchOptions(const LakeStatusFlags& flags);

}  // namespace forebay::cli
