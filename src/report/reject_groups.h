// Rejected records, grouped by table, field and reason, with samples: what a person needs to see of thousands
// of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/ids.h"
#include "base/text_position.h"
#include "report/json_writer.h"

namespace forebay {

// One rejected record. Views are valid during the call that takes it.
struct RejectedRecord {
  std::string_view table;
  std::string_view reason;
  std::string_view field;  // "items[2].quantity"; empty: the record as a whole
  std::string_view detail;
  PartitionId partition = PartitionId();
  Offset offset = Offset();
  std::string_view value;
  std::optional<TextPosition> in_file = std::nullopt;  // instead of partition and offset
  std::string_view topic = {};                         // of a table of several topics; otherwise empty
};

struct RejectSample {
  PartitionId partition;
  Offset offset;
  std::string detail;
  std::string value;                                   // a preview, safe on a terminal
  std::optional<TextPosition> in_file = std::nullopt;  // instead of partition and offset
  std::string topic = {};                              // as in RejectedRecord
};

struct RejectGroup {
  std::string table;
  std::string reason;
  std::string field;  // "items[].quantity": without the indexes of elements
  uint64_t records = 0;
  std::vector<RejectSample> samples;  // the first ones
};

// Memory is bounded, whatever the records' fields are: beyond kMaxGroups, records are only counted by table
// and reason. Thread-compatible.
class RejectGroups {
 public:
  static constexpr size_t kMaxGroups = 200;
  static constexpr char kOtherFields[] = "(other fields)";

  explicit RejectGroups(size_t samples = 3, size_t preview_bytes = 160)
      : samples_(samples), preview_bytes_(preview_bytes) {}

  void Add(const RejectedRecord& record);
  bool empty() const { return groups_.empty(); }
  // Of one table (empty: of all), the largest group first.
  std::vector<RejectGroup> Largest(std::string_view table = {}) const;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // table, field, reason

  RejectGroup& GroupOf(const RejectedRecord& record);

  size_t samples_;
  size_t preview_bytes_;
  std::map<Key, RejectGroup> groups_;
};

// Lines for a terminal, each indented and ended with a newline: a group and its samples. Lists the first
// `most` groups, and counts the others.
std::string RejectGroupsText(const std::vector<RejectGroup>& groups, size_t indent, size_t most = SIZE_MAX);

// An array of objects, with all groups: the value of a key of the open object.
void WriteRejectGroups(const std::vector<RejectGroup>& groups, JsonWriter& json);

}  // namespace forebay
