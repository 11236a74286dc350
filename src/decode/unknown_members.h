// Counts the members that records have and the contract does not know, by name and by the object that they
// are in. A member that comes where it came in the row before, as nearly all do, costs one comparison.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "decode/schema_tree.h"

namespace forebay {

// Names that are not counted one by one: beyond the first ones, too long, or with a NUL.
inline constexpr char kOtherMembers[] = "(other members)";

// Follows the name of a member that the contract knows, whose value was wrong and became null.
inline constexpr char kNulledSuffix[] = " (became null)";

// Not thread-safe.
class UnknownMembers {
 public:
  static constexpr size_t kMaxNames = 100;
  static constexpr size_t kMaxNameBytes = 200;

  // Notes a member of the current row. `object` must outlive this object.
  void See(const SchemaNode& object, std::string_view name) {
    if (next_ < entries_.size() && entries_[next_].object == &object && entries_[next_].name == name)
        [[likely]] {
      SeeEntry(next_);
    } else {
      SeeEntry(Find(object, name));
    }
  }
  // The number of members seen in the row so far, and back to it.
  size_t seen() const { return seen_.size(); }
  void ForgetAfter(size_t seen) {
    for (size_t i = seen; i < seen_.size(); ++i) entries_[seen_[i]].last_row = 0;
    seen_.resize(seen);
  }
  // Ends the row: counts what was seen in it, or forgets it.
  void KeepRow() {
    if (seen_.empty()) [[likely]]
      return;
    for (const size_t entry : seen_) ++entries_[entry].rows;
    DropRow();
  }
  void DropRow() {
    seen_.clear();
    next_ = 0;
    ++row_;
  }

  // The number of rows with each member since the last call, by its path: "customer.colour", "items[].size".
  std::map<std::string, int64_t> Take(const SchemaTree& schema);

 private:
  struct Entry {
    const SchemaNode* object;  // nullptr: other members
    std::string name;
    int64_t rows = 0;
    uint64_t last_row = 0;  // the last one in which it was seen
  };

  void SeeEntry(size_t entry) {
    next_ = entry + 1;
    if (entries_[entry].last_row == row_) return;  // in another element of an array
    entries_[entry].last_row = row_;
    seen_.push_back(entry);
  }
  size_t Find(const SchemaNode& object, std::string_view name);

  std::vector<Entry> entries_;
  std::unordered_map<std::string, size_t> index_;  // by name and number of the object
  std::vector<size_t> seen_;                       // in the current row
  size_t next_ = 0;                                // the entry that probably comes next
  uint64_t row_ = 1;
};

// The same of texts that ExtraMembers wrote, for engines that no longer have the records. Adds one for each
// member of the row to `rows`, which gets at most kMaxNames names. `known`: the paths of the contract's
// fields.
void CountExtraMembers(std::string_view extra, const std::set<std::string>& known,
                       std::map<std::string, int64_t>* rows);

}  // namespace forebay
