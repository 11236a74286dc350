// The plan of a producing run, made from the user's options and the contract before any request to a broker.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "contract/contract.h"
#include "contract/topics.h"
#include "produce/input_check.h"
#include "produce/run.h"
#include "receipt/receipt.h"
#include "scenario/scenario_text.h"

namespace forebay::produce {

// Options as written on the command line: `forebay produce --help` explains each.
struct PlanText {
  std::string contract;  // its file name, for messages
  std::string producer;  // the program: "forebay produce 0.1.0"
  std::string table;
  std::string topic;  // needed where the table has several
  std::string from;   // replay
  uint64_t records = 0;
  uint64_t first = 0;
  std::string duration;
  double rate = 0;
  std::string delivery_timeout = "0";
  std::string stop_timeout = "30s";
  bool refuse_rejects = false;  // send nothing if the contract rejects a record of `from`
  bool resume = false;          // continue the interrupted run of `receipt`
  std::string receipt;          // a file, or a directory for RUN.json
  ScenarioText scenario;
};

// `contract` and `stop` must outlive the plan.
struct Plan {
  std::vector<std::shared_ptr<const Table>> tables;
  std::vector<SelectedTopic> topics;  // by table: the one to produce to
  std::unique_ptr<Source> source;
  std::optional<InputCheck> input;  // of a replay whose input could be read beforehand
  Receipt receipt;                  // blank: no topic ids yet; of a resumed run: what it wrote last
  bool resumed = false;
  bool may_be_more = false;  // of a resumed run: its topics may have records that its receipt does not name
  uint64_t total = 0;        // records to make; 0: unknown
  RunOptions options;
  int64_t delivery_timeout_ms = 0;
  std::optional<ReceiptFile> file;  // of a resumed run
};

// Reads the input of a replay to its end, if it can be read again. kInvalidArgument when the options
// contradict each other or the contract, and when the input is not JSON.
Result<Plan> MakePlan(const PlanText& text, const Contract& contract, const std::atomic<bool>* stop);

// Opens the plan's receipt, which no other run may have written; that of a resumed run is locked already.
Result<ReceiptFile> OpenReceipt(const PlanText& text, Plan& plan);

// The accounting of a run of this plan. REQUIRES: the plan's receipt has its topic ids.
ReceiptKeeper MakeKeeper(const Plan& plan);

}  // namespace forebay::produce
