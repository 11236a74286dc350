// One producing run: makes, sends, and accounts for every record in a receipt.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "kafka/producer.h"
#include "produce/receipt_keeper.h"
#include "produce/source.h"
#include "receipt/receipt.h"

namespace forebay::produce {

struct RunOptions {
  double records_per_second = 0;  // 0: as fast as the broker accepts them
  int64_t duration_ms = 0;        // 0: until the source ends or `stop`
  int64_t receipt_interval_ms = 3'000;
  int64_t stop_timeout_ms = 30'000;  // how long a stop waits for outstanding records
  bool endless = false;              // a stop, or the duration, is the only end: it interrupts nothing
  // Blocks in flight, for each of the producer's clients. Few enough to keep records in the processor's cache
  // until they are acknowledged, which saves a quarter of a run's CPU time.
  size_t blocks = 12;
  const std::atomic<bool>* stop = nullptr;  // not owned; true stops sending and waits for outstanding records
};

struct RunProgress {
  uint64_t acknowledged = 0;
  uint64_t failed = 0;
  uint64_t uncertain = 0;
  uint64_t in_flight = 0;
};

struct RunSummary {
  double seconds = 0;
  bool complete = true;  // false: a stop or an error came before all records were sent
  // Reasons of failed or uncertain records, in the client's words, with their counts.
  std::map<std::string, uint64_t> failures;
};

struct RunEnd {
  bool sent_all = false;       // every record was sent
  bool delivered_all = false;  // none of the sent ones is undelivered
  bool failed = false;
};
// kPartial if the run was stopped, or failed, before all of its records were delivered, or if its time was
// over before all were sent.
ReceiptState EndState(const RunOptions& options, const RunEnd& end);

// The maker's part of a run: fills blocks until the source ends or the run stops.
void MakeBlocks(Source& source, InFlight& in_flight);

// Runs to the end. Writes the receipt at the beginning, every few seconds and at the end, whatever the
// outcome; `keeper` holds the final one. Undelivered records are counted and are not an error. An error means
// that the source, the receipt file or the client failed. `report` is called a few times a second, on the
// calling thread.
Result<RunSummary> Run(std::unique_ptr<kafka::Producer> producer, Source& source, ReceiptKeeper& keeper,
                       ReceiptFile& file, const RunOptions& options,
                       const std::function<void(const RunProgress&)>& report);

}  // namespace forebay::produce
