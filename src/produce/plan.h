// What a producing run is to do: read from what a person asks for and the contract, before any broker is
// asked.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "contract/contract.h"
#include "produce/run.h"
#include "receipt/receipt.h"
#include "scenario/scenario_text.h"

namespace forebay::produce {

// As it is written on the command line: `forebay produce --help` says what each means.
struct PlanText {
  std::string contract;  // its file's name, for messages
  std::string producer;  // who asks: "forebay produce 0.1.0"
  std::string table;
  std::string from;  // replay
  uint64_t records = 0;
  uint64_t first = 0;
  std::string duration;
  double rate = 0;
  std::string delivery_timeout = "0";
  std::string stop_timeout = "30s";
  ScenarioText scenario;
};

// `contract` and `stop` must outlive the plan.
struct Plan {
  std::vector<const Table*> tables;
  std::unique_ptr<Source> source;
  Receipt receipt;     // blank: no topic ids yet
  uint64_t total = 0;  // records that will be made; 0: not known
  RunOptions options;
  int64_t delivery_timeout_ms = 0;
};

// kInvalidArgument when the wishes contradict each other or the contract.
Result<Plan> MakePlan(const PlanText& text, const Contract& contract, const std::atomic<bool>* stop);

// The accounting of a run of this plan, whose receipt knows its topics by now.
ReceiptKeeper MakeKeeper(const Plan& plan);

}  // namespace forebay::produce
