// The output of a generator: records, and the expected outcome of each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/reason.h"

namespace forebay {

// Expected outcome of landing a record. The auditor compares the lake with the sum of these.
struct Expectation {
  std::optional<Reason> reason;  // set: quarantined for this reason; not set: landed
  std::string_view partition;    // landed only: the directory, "date=2025-10-30"; valid as long as the block
  uint64_t key_hash = 0;         // landed only: RowHasher over the primary key (0 if there is none)
};

struct GeneratedRecord {
  std::string_view key;    // the Kafka key's bytes; empty for "no key"
  std::string_view value;  // one JSON document, or something else in a deliberate fault
  uint64_t sequence = 0;   // position in the table's stream, for the record's headers
  Expectation expected;
};

// A run of generated records that share one buffer. Reuse one block for many calls: Clear() keeps the memory.
// Not thread-safe; the views in the records are valid until Clear() or destruction.
class RecordBlock {
 public:
  void Clear() {
    bytes_.clear();
    items_.clear();
    partitions_.clear();
  }
  size_t size() const { return items_.size(); }
  GeneratedRecord at(size_t i) const {
    const Item& item = items_[i];
    const std::string_view all(bytes_);
    return {all.substr(item.begin, item.key_size),
            all.substr(item.begin + item.key_size, item.value_size),
            item.sequence,
            {item.reason, item.reason ? std::string_view() : std::string_view(partitions_[item.partition]),
             item.key_hash}};
  }

  // For generators: append key and value bytes to bytes(), then Add() their sizes.
  std::string& bytes() { return bytes_; }
  // The index for Add(). Equal strings should share an index; for consecutive equal strings this is cheap.
  uint32_t InternPartition(std::string_view partition);
  void Add(size_t key_size, size_t value_size, uint64_t sequence, std::optional<Reason> reason,
           uint32_t partition, uint64_t key_hash) {
    items_.push_back({bytes_.size() - key_size - value_size, static_cast<uint32_t>(key_size),
                      static_cast<uint32_t>(value_size), partition, reason, sequence, key_hash});
  }

 private:
  struct Item {
    size_t begin;
    uint32_t key_size;
    uint32_t value_size;
    uint32_t partition;
    std::optional<Reason> reason;
    uint64_t sequence;
    uint64_t key_hash;
  };
  std::string bytes_;
  std::vector<Item> items_;
  std::vector<std::string> partitions_;
};

}  // namespace forebay
