// Records between creation and acknowledgement, in blocks. A maker fills blocks, a sender sends their
// records, and any thread that learns a record's outcome settles it. A block with all records settled is
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
  uint32_t table = 0;         // index of the run's table of all its records
  int64_t timestamp_ms = -1;  // the Kafka timestamp of all its records; -1: the time of sending

  uint32_t index = 0;                  // its index among the blocks
  std::atomic<uint32_t> unsettled{0};  // records whose outcome is unknown
};

// Names a record in a block; passes through Kafka's client with the record.
struct Ticket {
  uint32_t block;
  uint32_t record;
  static Ticket Of(uint64_t packed) {
    return {static_cast<uint32_t>(packed >> 32), static_cast<uint32_t>(packed)};
  }
  uint64_t Packed() const { return (uint64_t{block} << 32) | record; }
};

// One maker thread and one sender thread; any thread may settle.
class InFlight {
 public:
  explicit InFlight(size_t blocks);

  // --- For the maker.
  // Waits for a free block to fill; null after Stop.
  Block* AcquireFree();
  // Hands a filled block to the sender.
  void Put(Block* block);
  // No more blocks follow. `status` is an error if making them failed; `all` says that the source has ended.
  void Finish(Status status, bool all = true);

  // --- For the sender.
  // Waits for the next block to send; null when no more will come (then see status()).
  Block* NextReady();
  // The same, but waits at most this long: null also if none is ready by then. over() distinguishes the two.
  Block* NextReadyWithin(int64_t milliseconds);
  // Whether no more blocks will become ready.
  bool over() const;

  // --- For any thread.
  Block& block(uint32_t index) { return *blocks_[index]; }
  // Settles `count` more records of the block. Its memory is free once the last one is settled.
  void Settle(Block* block, uint32_t count);
  // Wakes maker and sender; blocks that are ready are not sent any more.
  void Stop();
  // The result of making blocks. Valid once NextReady has returned null.
  Status status() const;
  // Whether the source has ended and every block was taken by the sender.
  bool all_taken() const;

 private:
  std::vector<std::unique_ptr<Block>> blocks_;
  mutable std::mutex mutex_;  // guards all members below
  std::condition_variable changed_;
  std::deque<Block*> free_;
  std::deque<Block*> ready_;
  bool finished_ = false;
  bool all_ = false;
  bool stopped_ = false;
  Status status_;
};

}  // namespace forebay::produce
