// `forebay contract check` with a sample: what a landing would make of the records of a file or a topic.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"
#include "sample/topic_sample.h"
#include "trial/trial.h"

namespace forebay::cli {

struct TrialFlags {
  std::string sample;  // a file, or "-"
  CLI::Option* from_topic = nullptr;
  std::string topic;  // empty: the table's own
  std::string table;
  std::string brokers;
  std::string kafka_config;
  std::optional<uint64_t> records;

  bool given() const { return !sample.empty() || from_topic->count() > 0; }
};

void AddTrialFlags(CLI::App& command, TrialFlags& flags);

// The trial of one table's records.
struct TableTrial {
  std::string table;
  std::string source;                // the file, or "standard input"; the topic
  std::optional<TopicSample> topic;  // of a topic
  TrialReport report;
};

// Tries the records of the flags' file or topics. `contract` must outlive the call. kInvalidArgument for
// flags that contradict the contract and for a file that is not JSON, kUnavailable for the brokers,
// kCancelled after a stop.
Result<std::vector<TableTrial>> RunTrials(const TrialFlags& flags, const Contract& contract);

}  // namespace forebay::cli
