// Where a run's records come from.
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

// Used by one thread, the maker's.
class Source {
 public:
  virtual ~Source() = default;
  // Fills the empty block with the next records, all of one table, and says which. False: there are no more.
  // An empty block and true: nothing came for a while, ask again.
  virtual Result<bool> Next(Block* block) = 0;
};

struct ScenarioRange {
  uint64_t from = 0;
  uint64_t to = UINT64_MAX;  // of the clicks; of the one table's records where only one is made
  uint64_t block_records = 2048;
};

// The shop's tables, side by side: the clicks of a range and the orders that belong to them; or one table
// alone. `tables` are names of the scenario; a block's table is an index into them.
std::unique_ptr<Source> MakeScenarioSource(ShopScenario scenario, std::vector<std::string> tables,
                                           ScenarioRange range);

// JSON Lines out of a file, or standard input ("-"), for one table: each line's bytes are one record, empty
// lines are passed over. What must become of a record is found out with the decoder; its key is the text of
// the contract's key field, none where the record has no such thing. `table` must outlive the source. `stop`
// (not owned) ends waiting.
Result<std::unique_ptr<Source>> OpenLinesSource(const std::string& path, const Table& table,
                                                const std::atomic<bool>* stop);

}  // namespace forebay::produce
