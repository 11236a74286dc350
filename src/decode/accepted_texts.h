// Caches short texts that a field's rules accepted recently. The values that an enum or a pattern allows
// recur often, and a lookup here costs less than a comparison with each value, or a regular expression.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "decode/short_text.h"

namespace forebay {

// A direct-mapped cache: it may evict a text at any time. Not thread-safe.
class AcceptedTexts {
 public:
  // The code that the text was accepted with, if it is cached.
  std::optional<int32_t> Find(std::string_view text) const {
    if (text.size() > ShortText::kMax) return std::nullopt;
    const ShortText key = ShortText::Of(text);
    const Entry& entry = entries_[IndexOf(key)];
    if (!entry.used || !(entry.text == key)) return std::nullopt;
    return entry.code;
  }
  void Remember(std::string_view text, int32_t code) {
    if (text.size() > ShortText::kMax) return;
    const ShortText key = ShortText::Of(text);
    entries_[IndexOf(key)] = {key, code, true};
  }

 private:
  static constexpr size_t kEntries = 64;
  struct Entry {
    ShortText text;
    int32_t code = -1;
    bool used = false;
  };
  static size_t IndexOf(const ShortText& text) {
    return MixWords(text.low ^ 0x9e3779b97f4a7c15ULL, text.high ^ (0xa0761d6478bd642fULL + text.size)) %
           kEntries;
  }

  std::array<Entry, kEntries> entries_;
};

}  // namespace forebay
