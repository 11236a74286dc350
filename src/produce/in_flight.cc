#include "produce/in_flight.h"

#include <chrono>

namespace forebay::produce {

InFlight::InFlight(size_t blocks) {
  for (size_t i = 0; i < blocks; ++i) {
    blocks_.push_back(std::make_unique<Block>());
    blocks_.back()->index = static_cast<uint32_t>(i);
    free_.push_back(blocks_.back().get());
  }
}

Block* InFlight::AcquireFree() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopped_ || !free_.empty(); });
  if (stopped_) return nullptr;
  Block* block = free_.back();  // the most recently used one is still in the processor's cache
  free_.pop_back();
  block->records.Clear();
  block->timestamp_ms = -1;
  return block;
}

void InFlight::Put(Block* block) {
  block->unsettled = static_cast<uint32_t>(block->records.size());
  const std::lock_guard lock(mutex_);
  if (block->records.size() == 0) {
    free_.push_back(block);
  } else {
    ready_.push_back(block);
  }
  changed_.notify_all();
}

void InFlight::Finish(Status status, bool all) {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  all_ = all && status.ok();
  status_ = std::move(status);
  changed_.notify_all();
}

Block* InFlight::NextReady() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopped_ || finished_ || !ready_.empty(); });
  if (stopped_ || ready_.empty()) return nullptr;
  Block* block = ready_.front();
  ready_.pop_front();
  return block;
}

Block* InFlight::NextReadyWithin(int64_t milliseconds) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(milliseconds),
                    [&] { return stopped_ || finished_ || !ready_.empty(); });
  if (stopped_ || ready_.empty()) return nullptr;
  Block* block = ready_.front();
  ready_.pop_front();
  return block;
}

bool InFlight::over() const {
  const std::lock_guard lock(mutex_);
  return stopped_ || (finished_ && ready_.empty());
}

void InFlight::Settle(Block* block, uint32_t count) {
  const uint32_t before = block->unsettled.fetch_sub(count);
  FOREBAY_ASSERT(before >= count);
  if (before != count) return;
  const std::lock_guard lock(mutex_);
  free_.push_back(block);
  changed_.notify_all();
}

void InFlight::Stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

bool InFlight::all_taken() const {
  const std::lock_guard lock(mutex_);
  return all_ && ready_.empty();
}

Status InFlight::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace forebay::produce
