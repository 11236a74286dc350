// The sending part of a run: hands the records of filled blocks to the Kafka client at the requested pace.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "kafka/producer.h"
#include "produce/in_flight.h"
#include "produce/run.h"

namespace forebay::produce {

// The headers of each record.
inline constexpr char kRunHeader[] = "run";
inline constexpr char kSequenceHeader[] = "seq";

// Keeps a rate: record n is due n / rate seconds after the start. After a stall it continues at the rate, and
// catches up at most one second.
class Pacer {
 public:
  // `records_per_second` 0: all records are due at once.
  Pacer(double records_per_second, double now_s) : rate_(records_per_second), start_s_(now_s) {}
  // Seconds until the next record is due. 0 means that it is due, and counts it as sent.
  double Acquire(double now_s);

 private:
  const double rate_;
  double start_s_;
  uint64_t acquired_ = 0;
};

class Sender {
 public:
  Sender(kafka::Producer& producer, InFlight& in_flight, std::string run, size_t tables,
         const RunOptions& options);

  // Sends until there are no more blocks, the duration is over, or Halt is called. Runs on its own thread.
  void Work();
  // Makes Work return soon. Any thread.
  void Halt() { halted_ = true; }

  bool done() const { return done_; }
  // Whether every record that was made was sent or refused. REQUIRES: done().
  bool sent_all() const { return sent_all_; }
  // Whether the run should stop, for any reason. Any thread.
  bool Over() const;
  // Records of a table that the client accepted. Any thread; final once done().
  uint64_t sent(size_t table) const { return sent_[table]; }
  uint64_t sent() const;
  // Records that the client refused, by table and reason; each is returned once. Any thread.
  struct Refused {
    uint32_t table;
    std::string reason;
  };
  std::vector<Refused> DrainRefused();

 private:
  bool Stopping() const { return halted_ || (options_.stop != nullptr && options_.stop->load()); }
  bool WaitUntilDue();
  uint32_t SendBlock(Block* block);
  bool SendRecord(const Block& block, uint32_t index);

  kafka::Producer& producer_;
  InFlight& in_flight_;
  const std::string run_;
  const RunOptions options_;
  Pacer pacer_;
  const double deadline_s_;
  std::atomic<bool> halted_{false};
  std::atomic<bool> done_{false};
  std::atomic<bool> sent_all_{false};
  std::vector<std::atomic<uint64_t>> sent_;
  int64_t now_ms_ = 0;
  uint32_t until_clock_ = 0;  // records until the clock is read again
  std::mutex mutex_;          // guards refused_
  std::vector<Refused> refused_;
};

}  // namespace forebay::produce
