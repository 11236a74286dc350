// Maps a decoded row to its partition directory. Formats the parsed values only once for each distinct
// combination.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/time_zone.h"
#include "contract/contract.h"
#include "decode/slots.h"

namespace forebay {

// Numbers directories from 0 in the order of their first rows. Not thread-safe.
class PartitionIndex {
 public:
  static constexpr uint32_t kRefused = UINT32_MAX;

  // Returns kFailedPrecondition if this machine does not know a dimension's time zone. The table must outlive
  // the index.
  static Result<PartitionIndex> Create(const Table& table);

  // Returns the directory's number, or kRefused if a value cannot name a directory (empty, too long, Hive's
  // name for null, local time outside the years 0000 to 9999); refused_dimension() is then the dimension of
  // that value. `values` holds the slot of each dimension's source field; a null is named kHiveNull.
  uint32_t Find(const std::vector<const Slot*>& values);
  size_t refused_dimension() const { return refused_dimension_; }

  // "date=2025-10-30", "weather=rain/date=2015-01-01". Valid until Clear().
  const std::string& directory(uint32_t index) const { return directories_[index]; }
  size_t size() const { return directories_.size(); }
  // Forgets all numbers. Called when a batch is cut, to bound memory.
  void Clear();

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const;
  };

  PartitionIndex(const Table& table, std::vector<LocalTime> local_times);

  bool MakeKey(const std::vector<const Slot*>& values);
  std::optional<std::string> LevelOf(size_t dimension, const Slot& slot);
  uint32_t Insert(const std::vector<const Slot*>& values);
  int64_t LocalMicros(size_t dimension, const Slot& slot);

  const Table& table_;
  // By dimension:
  std::vector<LocalTime> local_times_;
  std::vector<const Field*> sources_;
  std::vector<bool> optional_;  // rows may have no value

  std::string key_;  // of the current row: the dimensions' values, transformed, in binary
  std::string last_key_;
  uint32_t last_index_ = kRefused;
  std::unordered_map<std::string, uint32_t, Hash, std::equal_to<>> by_key_;
  std::unordered_map<std::string, uint32_t, Hash, std::equal_to<>> by_name_;
  std::vector<std::string> directories_;
  size_t refused_dimension_ = 0;
};

}  // namespace forebay
