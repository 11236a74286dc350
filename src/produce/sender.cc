#include "produce/sender.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <numeric>
#include <thread>

#include "base/time.h"

namespace forebay::produce {
namespace {

constexpr double kMaxSleepSeconds = 0.05;  // the longest delay before a stop is noticed
constexpr double kMaxCatchUpSeconds = 1;
constexpr uint32_t kRecordsPerClock = 64;  // unpaced: bounds the error of the produce time

void Sleep(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(std::min(seconds, kMaxSleepSeconds)));
}

}  // namespace

double Pacer::Acquire(double now_s) {
  if (rate_ > 0) {
    const double due = start_s_ + static_cast<double>(acquired_) / rate_;
    if (due > now_s) return due - now_s;
    if (now_s - due > kMaxCatchUpSeconds) start_s_ += now_s - due - kMaxCatchUpSeconds;
  }
  ++acquired_;
  return 0;
}

Sender::Sender(kafka::Producer& producer, InFlight& in_flight, std::string run, size_t tables,
               const RunOptions& options)
    : producer_(producer),
      in_flight_(in_flight),
      run_(std::move(run)),
      options_(options),
      pacer_(options.records_per_second, MonotonicSeconds()),
      deadline_s_(options.duration_ms > 0
                      ? MonotonicSeconds() + static_cast<double>(options.duration_ms) / 1000
                      : std::numeric_limits<double>::infinity()),
      sent_(tables) {}

uint64_t Sender::sent() const {
  return std::accumulate(sent_.begin(), sent_.end(), uint64_t{0});
}

bool Sender::Over() const {
  return Stopping() || MonotonicSeconds() >= deadline_s_;
}

std::vector<Sender::Refused> Sender::DrainRefused() {
  const std::lock_guard lock(mutex_);
  return std::exchange(refused_, {});
}

void Sender::Work() {
  bool cut = false;
  while (!Stopping()) {
    Block* block = in_flight_.NextReady();
    if (block == nullptr) break;
    const auto size = static_cast<uint32_t>(block->records.size());
    const uint32_t tried = SendBlock(block);
    if (tried < size) {
      in_flight_.Settle(block, size - tried);
      cut = true;
      break;
    }
  }
  sent_all_ = !cut && in_flight_.all_taken();
  in_flight_.Stop();
  done_ = true;
}

// Returns the number of the block's records that were sent or refused; fewer than all if the run must stop.
uint32_t Sender::SendBlock(Block* block) {
  const auto size = static_cast<uint32_t>(block->records.size());
  for (uint32_t i = 0; i < size; ++i) {
    if (!WaitUntilDue() || !SendRecord(*block, i)) return i;
  }
  return size;
}

// Returns false if the run must stop.
bool Sender::WaitUntilDue() {
  if (options_.records_per_second <= 0) {
    if (Stopping()) return false;
    if (until_clock_-- > 0) return true;
    until_clock_ = kRecordsPerClock - 1;
    now_ms_ = WallClockMillis();
    return MonotonicSeconds() < deadline_s_;
  }
  for (;;) {
    const double now_s = MonotonicSeconds();
    if (Stopping() || now_s >= deadline_s_) return false;
    const double wait_s = pacer_.Acquire(now_s);
    if (wait_s <= 0) break;
    Sleep(wait_s);
  }
  now_ms_ = WallClockMillis();
  return true;
}

// Returns true if the client accepted or refused the record, false if the run must stop.
bool Sender::SendRecord(const Block& block, uint32_t index) {
  const GeneratedRecord made = block.records.at(index);
  char sequence[20];
  const char* end = std::to_chars(sequence, sequence + sizeof sequence, made.sequence).ptr;
  const kafka::Header headers[] = {{kRunHeader, run_},
                                   {kSequenceHeader, {sequence, static_cast<size_t>(end - sequence)}}};
  kafka::Outgoing record;
  record.topic = block.table;
  if (!made.key.empty()) record.key = made.key;
  record.value = made.value;
  record.timestamp_ms = block.timestamp_ms >= 0 ? block.timestamp_ms : now_ms_;
  record.headers = headers;
  record.header_count = std::size(headers);
  record.ticket = Ticket{block.index, index}.Packed();
  // Counted before the send: the delivery may arrive at once, on another thread.
  sent_[block.table].fetch_add(1, std::memory_order_relaxed);
  std::string reason;
  for (;;) {
    switch (producer_.Send(record, &reason)) {
      case kafka::SendOutcome::kTaken:
        return true;
      case kafka::SendOutcome::kRefused: {
        const std::lock_guard lock(mutex_);
        refused_.push_back({block.table, reason});
        sent_[block.table].fetch_sub(1);
        in_flight_.Settle(&in_flight_.block(block.index), 1);
        return true;
      }
      case kafka::SendOutcome::kFull:
        break;
    }
    if (Stopping()) break;
    Sleep(0.001);
    now_ms_ = WallClockMillis();
  }
  sent_[block.table].fetch_sub(1);
  return false;
}

}  // namespace forebay::produce
