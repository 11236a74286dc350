// Adds up the outcomes of a run's records: pure accounting, no broker and no file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "kafka/producer.h"
#include "receipt/receipt.h"
#include "scenario/records.h"

namespace forebay::produce {

// INVARIANT: for each table, acknowledged = landed + quarantined + tombstones; every reported record is
// acknowledged, failed or uncertain. Not thread-safe.
class ReceiptKeeper {
 public:
  // `receipt` has the run's description and its tables with their topics and ids; in a resumed run, also what
  // it has produced so far. `has_primary_key` states for each table whether its expectations carry a key hash
  // (otherwise rows are summed by position, of which `row_topics` is a part: as RecordView::topic).
  ReceiptKeeper(Receipt receipt, std::vector<bool> has_primary_key, std::vector<std::string> row_topics);

  void Deliver(uint32_t table, const GeneratedRecord& record, const kafka::Delivery& delivery);
  // Counts a record that the client refused and so never sent.
  void Refuse(uint32_t table);
  // Counts records that were sent without a known outcome.
  void Lose(uint32_t table, uint64_t count);

  const Receipt& receipt() const { return receipt_; }
  Receipt& receipt() { return receipt_; }
  uint64_t acknowledged() const { return acknowledged_; }
  uint64_t failed() const { return failed_; }
  uint64_t uncertain() const { return uncertain_; }

 private:
  // The directory of the last landed record; consecutive records are nearly always in the same one.
  struct Cache {
    std::string_view directory;
    ExpectedRows* rows = nullptr;
  };

  Receipt receipt_;
  std::vector<bool> has_primary_key_;
  std::vector<std::string> row_topics_;
  std::vector<Cache> caches_;
  uint64_t acknowledged_ = 0;
  uint64_t failed_ = 0;
  uint64_t uncertain_ = 0;
};

}  // namespace forebay::produce
