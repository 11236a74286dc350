// The set of an object's members that a record has, by their positions in the contract.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace forebay {

// Allocates only for objects of more than 256 members.
class MemberSet {
 public:
  explicit MemberSet(size_t members) : members_(members) {
    if (members <= inline_.size() * 64) return;
    many_.resize(members / 64 + 1);
    words_ = many_.data();
  }
  MemberSet(const MemberSet&) = delete;
  MemberSet& operator=(const MemberSet&) = delete;

  // One member's place in the set.
  class Entry {
   public:
    bool present() const { return (*word_ & bit_) != 0; }
    void Insert() { *word_ |= bit_; }

   private:
    friend class MemberSet;
    Entry(uint64_t* word, uint64_t bit) : word_(word), bit_(bit) {}
    uint64_t* word_;
    uint64_t bit_;
  };
  // REQUIRES: member < members. Valid as long as the set.
  Entry Find(size_t member) { return Entry(&words_[member / 64], uint64_t{1} << (member % 64)); }

  // The first member from `from` on that is not in the set, or the number of members, whose own bit is never
  // set.
  size_t FirstAbsent(size_t from) const {
    while (from < members_) {
      const uint64_t absent = ~words_[from / 64] >> (from % 64);
      if (absent != 0) return from + static_cast<size_t>(std::countr_zero(absent));
      from = (from / 64 + 1) * 64;
    }
    return members_;
  }

 private:
  const size_t members_;
  std::array<uint64_t, 4> inline_{};
  std::vector<uint64_t> many_;
  uint64_t* words_ = inline_.data();
};

}  // namespace forebay
