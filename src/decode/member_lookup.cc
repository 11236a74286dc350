#include "decode/member_lookup.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/json_quote.h"
#include "base/row_hash.h"

namespace forebay {
namespace {

size_t SlotOf(std::string_view name, size_t slots) {
  return XXH3_64bits(name.data(), name.size()) & (slots - 1);
}

}  // namespace

MemberLookup::MemberLookup(const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    Name name{.written = QuoteJson(field.name) + ':'};
    const size_t seen = std::min(name.written.size(), kWindow);
    char window[kWindow] = {};
    char mask[kWindow] = {};
    __builtin_memcpy(window, name.written.data(), seen);
    __builtin_memset(mask, 0xFF, seen);
    __builtin_memcpy(&name.low, window, 8);
    __builtin_memcpy(&name.high, window + 8, 8);
    __builtin_memcpy(&name.low_mask, mask, 8);
    __builtin_memcpy(&name.high_mask, mask + 8, 8);
    const auto member = static_cast<uint16_t>(names_.size());
    names_.push_back(std::move(name));
    spellings_.push_back({field.name, member});
    for (const std::string& alias : field.aliases) spellings_.push_back({alias, member});
  }
  const size_t count = names_.size();
  followers_.resize(count + 1);
  for (size_t i = 0; i < count; ++i) followers_[i].last = followers_[i].before = static_cast<uint16_t>(i);
  slots_.assign(std::bit_ceil(spellings_.size() * 2 + 2), 0);
  for (size_t i = 0; i < spellings_.size(); ++i) {
    size_t slot = SlotOf(spellings_[i].text, slots_.size());
    while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = static_cast<uint16_t>(i + 1);
  }
}

// Checks the part of a long name beyond the window.
bool MemberLookup::RestMatchesAt(const Name& name, const char* p) {
  return std::memcmp(p, name.written.data(), name.written.size()) == 0;
}

int MemberLookup::Find(int previous, std::string_view name) {
  for (size_t slot = SlotOf(name, slots_.size()); slots_[slot] != 0;
       slot = (slot + 1) & (slots_.size() - 1)) {
    const Spelling& spelling = spellings_[slots_[slot] - 1u];
    if (spelling.text != name) continue;
    Followers& followers = followers_[static_cast<size_t>(previous + 1)];
    followers.before = std::exchange(followers.last, spelling.member);
    return spelling.member;
  }
  return kUnknown;
}

}  // namespace forebay
