// Finds the members of a JSON object by name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"

namespace forebay {

// Finds a member by name in a handful of instructions when members come in an order seen recently. Not
// thread-safe: Find() learns the order.
class MemberLookup {
 public:
  static constexpr int kUnknown = -1;

  explicit MemberLookup(const std::vector<Field>& fields);

  // Predicts the member at `p`, the opening quote of a member name, from the members that recently followed
  // `previous` (kUnknown: the object's beginning). Returns the member whose name, closing quote and colon are
  // found there, or kUnknown.
  int MatchPredicted(int previous, const char* p, const char* end) const {
    const Followers& candidates = followers_[static_cast<size_t>(previous + 1)];
    if (MatchesAt(candidates.last, p, end)) return candidates.last;
    return MatchesAt(candidates.before, p, end) ? candidates.before : kUnknown;
  }
  // The length of the member's name in bytes, with its quotes and the colon.
  size_t written_size(int member) const { return names_[static_cast<size_t>(member)].written.size(); }

  // Finds a member by any of its names, unescaped, and remembers that it followed `previous`; kUnknown if
  // there is no such member.
  int Find(int previous, std::string_view name);

 private:
  static constexpr size_t kWindow = 16;
  struct Name {
    uint64_t low = 0, high = 0;  // the name as written in JSON, up to the window's end
    uint64_t low_mask = 0, high_mask = 0;
    std::string written;  // in quotes, escaped, with the colon
  };
  struct Spelling {
    std::string text;
    uint16_t member;
  };
  struct Followers {
    uint16_t last = 0;
    uint16_t before = 0;
  };

  bool MatchesAt(uint16_t member, const char* p, const char* end) const {
    const Name& name = names_[member];
    const auto room = static_cast<size_t>(end - p);
    if (room < kWindow || room < name.written.size()) return false;
    uint64_t low;
    uint64_t high;
    __builtin_memcpy(&low, p, 8);
    __builtin_memcpy(&high, p + 8, 8);
    if ((((low ^ name.low) & name.low_mask) | ((high ^ name.high) & name.high_mask)) != 0) return false;
    return name.written.size() <= kWindow || RestMatchesAt(name, p);
  }
  static bool RestMatchesAt(const Name& name, const char* p);

  std::vector<Name> names_;
  std::vector<Spelling> spellings_;   // the names and the aliases, unescaped
  std::vector<Followers> followers_;  // by previous + 1
  std::vector<uint16_t> slots_;       // hash table of the position in spellings_ + 1
};

}  // namespace forebay
