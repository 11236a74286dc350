// What a producing run is to do: read from the flags and the contract before any broker is asked.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/scenario_flags.h"
#include "contract/contract.h"
#include "produce/run.h"
#include "scenario/receipt.h"

namespace forebay::cli {

struct ProduceFlags {
  std::string contract;
  std::string brokers;
  std::string kafka_config;
  std::string table;
  std::string from;  // replay
  std::string receipt;
  uint64_t records = 0;
  uint64_t first = 0;
  std::string duration;
  double rate = 0;
  std::string delivery_timeout = "0";
  std::string stop_patience = "30s";
  bool json = false;
  ScenarioFlags scenario;
};

// `contract` must outlive the plan.
struct ProducePlan {
  std::vector<const Table*> tables;
  std::unique_ptr<produce::Source> source;
  Receipt receipt;     // blank: no topic ids yet
  uint64_t total = 0;  // records that will be made; 0: not known
  produce::RunOptions options;
  int64_t delivery_timeout_ms = 0;
};

// kUsage when the flags contradict each other or the contract.
Result<ProducePlan> MakeProducePlan(const ProduceFlags& flags, const Contract& contract);

}  // namespace forebay::cli
