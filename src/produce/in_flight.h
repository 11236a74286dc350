// The records between their making and their acknowledgement, in blocks: a maker fills blocks, a sender sends
// their records, whoever hears of a record's fate settles it, and a block whose records are all settled is
// filled again. The number of blocks bounds the memory; values are never copied.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/result.h"
#include "scenario/records.h"

namespace forebay::produce {

struct Block {
  RecordBlock records;
  uint32_t table = 0;         // which of the run's tables all its records belong to
  int64_t timestamp_ms = -1;  // the Kafka timestamp of all its records; -1: the time of sending

  uint32_t index = 0;                  // its place among the blocks
  std::atomic<uint32_t> unsettled{0};  // its records whose fate is not known
};

// Names a record in a block; what Kafka's client carries along with it.
struct Ticket {
  uint32_t block;
  uint32_t record;
  static Ticket Of(uint64_t packed) {
    return {static_cast<uint32_t>(packed >> 32), static_cast<uint32_t>(packed)};
  }
  uint64_t Packed() const { return (uint64_t{block} << 32) | record; }
};

// One maker thread, one sender thread, and settling from any thread.
class InFlight {
 public:
  explicit InFlight(size_t blocks);

  // --- The maker's side.
  // A block to fill, empty; null after Stop. Waits for one.
  Block* TakeFree();
  // Hands a filled block to the sender.
  void Put(Block* block);
  // Says that no more will come, or that making failed.
  void Finish(Status status);

  // --- The sender's side.
  // The next block to send; null when there will be none (then see status()). Waits for one.
  Block* TakeReady();
  // The same, but waits at most so long: null also when none is ready by then. Ask over() which it is.
  Block* TakeReadyWithin(int64_t milliseconds);
  // Whether no more blocks will be ready.
  bool over() const;

  // --- Any thread.
  Block& block(uint32_t index) { return *blocks_[index]; }
  // `count` more records of the block will not be heard of again; with the last one its memory is free.
  void Settle(Block* block, uint32_t count);
  // Wakes maker and sender; what is ready is not sent any more.
  void Stop();
  // How making ended. Meaningful once TakeReady gave null.
  Status status() const;

 private:
  std::vector<std::unique_ptr<Block>> blocks_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::deque<Block*> free_;
  std::deque<Block*> ready_;
  bool finished_ = false;
  bool stopped_ = false;
  Status status_;
};

}  // namespace forebay::produce
