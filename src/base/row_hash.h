// The hashes that receipts, the ledger and the audit compare. Each is a sum modulo 2^64 over rows, so that
// order and batching do not matter. The term of a row is XXH3 (64 bit, https://github.com/Cyan4973/xxHash)
// over canonical bytes.
//
// Any change here makes every existing receipt and ledger disagree with its lake.
#pragma once

#include <cstdint>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/ids.h"

namespace forebay {

// The hash of a row's primary key. Folds in each key field in the contract's order, with the hash so far as
// the seed. Strings are their UTF-8 bytes. Integers, booleans (0/1), dates (days since 1970-01-01) and
// timestamps (microseconds since 1970-01-01 UTC) are 8 bytes little endian. Numbers are the 8 bytes of the
// IEEE double. Decimals are the 16 bytes little endian of the unscaled 128-bit value.
class RowHasher {
 public:
  void AddBytes(std::string_view bytes) { hash_ = XXH3_64bits_withSeed(bytes.data(), bytes.size(), hash_); }
  void AddInt64(int64_t value) { hash_ = XXH3_64bits_withSeed(&value, sizeof value, hash_); }
  void AddDouble(double value) { hash_ = XXH3_64bits_withSeed(&value, sizeof value, hash_); }
  void AddInt128(__int128 value) { hash_ = XXH3_64bits_withSeed(&value, sizeof value, hash_); }
  void AddNull() { hash_ = XXH3_64bits_withSeed("", 0, hash_ ^ 0x9e3779b97f4a7c15ULL); }
  uint64_t Finish() const { return hash_; }

 private:
  uint64_t hash_ = 0;
};

// One row's term in the checksum over (Kafka partition, offset), which identifies the records in a file.
// Where a table has several topics, these have the same partitions and offsets: `topic`, which is empty for
// the tables of one topic, tells them apart.
inline uint64_t HashPosition(std::string_view topic, PartitionId partition, Offset offset) {
  const int64_t bytes[2] = {partition.value(), offset.value()};
  const uint64_t seed = topic.empty() ? 0 : XXH3_64bits(topic.data(), topic.size());
  return XXH3_64bits_withSeed(bytes, sizeof bytes, seed);
}
inline uint64_t HashPosition(PartitionId partition, Offset offset) {
  return HashPosition({}, partition, offset);
}

}  // namespace forebay
