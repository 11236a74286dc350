// Source of a run's records.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"
#include "produce/in_flight.h"
#include "scenario/scenario.h"

namespace forebay::produce {

// A receipt's source where the records came from `--from -`.
inline constexpr const char* kStandardInput = "standard input";

// Used by one thread, the maker's.
class Source {
 public:
  virtual ~Source() = default;
  // Fills the empty block with the next records, all of one table, and sets that table. Returns false at the
  // end. True with an empty block means that no record arrived for a while; call again.
  virtual Result<bool> Next(Block* block) = 0;
};

struct ScenarioRange {
  uint64_t from = 0;
  uint64_t to = UINT64_MAX;  // of the clicks; with a single table, of its records
  uint64_t block_records = 2048;
};

// The shop's tables side by side, that is the clicks of a range and their orders, or one table alone.
// `tables` are names of the scenario; a block's table is an index into them.
std::unique_ptr<Source> MakeScenarioSource(ShopScenario scenario, std::vector<std::string> tables,
                                           ScenarioRange range);

// Reads the JSON values of a file, or of standard input ("-"), for one table: each is one record, with the
// bytes of JsonValues::value(). The decoder determines each record's expectation. The record's key is the
// text of the contract's key field; a record without that field has no key. Where the input turns out not to
// be JSON, the values before that place that are in the same block are not given. `table` must outlive the
// source. `stop` (not owned) ends waiting.
Result<std::unique_ptr<Source>> OpenJsonSource(const std::string& path, const Table& table,
                                               const std::atomic<bool>* stop);

}  // namespace forebay::produce
