// Turns the events of a block into the records of the shop's tables: JSON text with the members in the
// contract's order.
#pragma once

#include <cstdint>
#include <string_view>

#include "scenario/shop_block.h"
#include "scenario/text_writer.h"

namespace forebay {

// The 64-bit name of a record or session; written as sixteen hexadecimal digits. Different for different
// (table or sessions, number) of a seed, as long as numbers are below 2^56.
enum class IdSpace : uint64_t { kClicks = 0, kOrders = 1, kSessions = 2 };
uint64_t IdOf(uint64_t seed, IdSpace space, uint64_t number);

inline constexpr size_t kKeySize = 8;  // "u1234567"
inline constexpr size_t kIdSize = 16;
inline constexpr size_t kDateSize = 10;          // "2025-10-30"
inline constexpr size_t kMaxRecordBytes = 4096;  // no record is longer, before faults

// Remembers the last day it wrote, so that it converts few. Not thread-safe.
class TimeWriter {
 public:
  // "2025-10-30T12:34:56.789Z". REQUIRES: a year from 0 to 9999.
  void Write(TextWriter& out, int64_t time_ms);
  // "2025-10-30", of what was written last; valid until the next Write.
  std::string_view date() const { return {date_, kDateSize}; }

 private:
  int32_t day_ = INT32_MIN;
  char date_[kDateSize] = {};
};

// What the records of one block share.
struct BlockText {
  uint64_t seed;
  uint64_t first_session;  // number of the block's first session
  int64_t event_start_ms;
  const Catalog* catalog;
  const Block* block;
};

// Each writes the key, then the value, and returns the size of the value. `id` is the record's, `time_ms` its
// event time. REQUIRES: room for kKeySize + kMaxRecordBytes.
size_t WriteClick(const BlockText& text, const Click& click, uint64_t id, int64_t time_ms, TimeWriter& times,
                  char* out);
size_t WriteOrder(const BlockText& text, const Order& order, uint64_t id, int64_t time_ms, TimeWriter& times,
                  char* out);

}  // namespace forebay
