// Writes the events of a block as records of the shop's tables: JSON text with the members in the contract's
// order.
#pragma once

#include <cstdint>
#include <string_view>

#include "scenario/shop_block.h"
#include "scenario/text_writer.h"

namespace forebay {

// Spaces of the 64-bit ids of records and sessions, which are written as sixteen hexadecimal digits. Ids of a
// seed differ for different (space, number), as long as numbers are below 2^56.
enum class IdSpace : uint64_t { kClicks = 0, kOrders = 1, kSessions = 2 };
uint64_t IdOf(uint64_t seed, IdSpace space, uint64_t number);

inline constexpr size_t kKeySize = 8;  // "u1234567"
inline constexpr size_t kIdSize = 16;
inline constexpr size_t kDateSize = 10;          // "2025-10-30"
inline constexpr size_t kMaxRecordBytes = 4096;  // upper bound, before faults

// Caches the last day it wrote, so that it converts few. Not thread-safe.
class TimeWriter {
 public:
  // "2025-10-30T12:34:56.789Z". REQUIRES: a year from 0 to 9999.
  void Write(TextWriter& out, int64_t time_ms);
  // "2025-10-30", the date of the last Write; valid until the next one.
  std::string_view date() const { return {date_, kDateSize}; }

 private:
  int32_t day_ = INT32_MIN;
  char date_[kDateSize] = {};
};

// Properties shared by the records of one block.
struct BlockText {
  uint64_t seed;
  uint64_t first_session;  // number of the block's first session
  int64_t event_start_ms;
  const Catalog* catalog;
  const ShopBlock* block;
};

// Each writes the key, then the value, and returns the size of the value. `id` is the record's, `time_ms` its
// event time. REQUIRES: space for kKeySize + kMaxRecordBytes.
size_t WriteClick(const BlockText& text, const Click& click, uint64_t id, int64_t time_ms, TimeWriter& times,
                  char* out);
size_t WriteOrder(const BlockText& text, const Order& order, uint64_t id, int64_t time_ms, TimeWriter& times,
                  char* out);

}  // namespace forebay
