#include "decode/member_lookup.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/row_hash.h"

namespace forebay {
namespace {

size_t SlotOf(std::string_view name, size_t slots) {
  return XXH3_64bits(name.data(), name.size()) & (slots - 1);
}

}  // namespace

MemberLookup::MemberLookup(const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    const std::string written = '"' + field.name + "\":";
    const size_t seen = std::min(written.size(), kWindow);
    Name name{.written_size = written.size(), .text = field.name};
    char window[kWindow] = {};
    char mask[kWindow] = {};
    __builtin_memcpy(window, written.data(), seen);
    __builtin_memset(mask, 0xFF, seen);
    __builtin_memcpy(&name.low, window, 8);
    __builtin_memcpy(&name.high, window + 8, 8);
    __builtin_memcpy(&name.low_mask, mask, 8);
    __builtin_memcpy(&name.high_mask, mask + 8, 8);
    names_.push_back(std::move(name));
  }
  const size_t count = names_.size();
  followers_.resize(count + 1);
  for (size_t i = 0; i < count; ++i) followers_[i].last = followers_[i].before = static_cast<uint16_t>(i);
  slots_.assign(std::bit_ceil(count * 2 + 2), 0);
  for (size_t i = 0; i < count; ++i) {
    size_t slot = SlotOf(names_[i].text, slots_.size());
    while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = static_cast<uint16_t>(i + 1);
  }
}

// Checks the part of a long name beyond the window, and the closing quote and colon.
bool MemberLookup::RestMatchesAt(const Name& name, const char* p) {
  const size_t size = name.text.size();
  return std::memcmp(p + 1, name.text.data(), size) == 0 && p[size + 1] == '"' && p[size + 2] == ':';
}

int MemberLookup::Find(int previous, std::string_view name) {
  for (size_t slot = SlotOf(name, slots_.size()); slots_[slot] != 0;
       slot = (slot + 1) & (slots_.size() - 1)) {
    const int member = slots_[slot] - 1;
    if (names_[static_cast<size_t>(member)].text != name) continue;
    Followers& followers = followers_[static_cast<size_t>(previous + 1)];
    followers.before = std::exchange(followers.last, static_cast<uint16_t>(member));
    return member;
  }
  return kUnknown;
}

}  // namespace forebay
