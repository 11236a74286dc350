// Texts of up to 16 bytes as two words, compared and hashed without a function call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace forebay {

// INVARIANT: two texts of at most kMax bytes are equal exactly if their ShortTexts are.
struct ShortText {
  static constexpr size_t kMax = 16;

  uint64_t low = 0;
  uint64_t high = 0;
  uint32_t size = 0;

  // REQUIRES: text.size() <= kMax. Reads nothing beyond the text.
  static ShortText Of(std::string_view text) {
    const char* const p = text.data();
    const size_t size = text.size();
    ShortText out{0, 0, static_cast<uint32_t>(size)};
    if (size >= 8) {  // overlapping words: with the size they determine the whole text
      out.low = Load<uint64_t>(p);
      out.high = Load<uint64_t>(p + size - 8);
    } else if (size >= 4) {
      out.low = Load<uint32_t>(p) | uint64_t{Load<uint32_t>(p + size - 4)} << 32;
    } else if (size > 0) {
      out.low = static_cast<unsigned char>(p[0]) | uint64_t{static_cast<unsigned char>(p[size / 2])} << 8 |
                uint64_t{static_cast<unsigned char>(p[size - 1])} << 16;
    }
    return out;
  }
  bool operator==(const ShortText&) const = default;

 private:
  template <typename Word>
  static Word Load(const char* p) {
    Word word;
    std::memcpy(&word, p, sizeof word);
    return word;
  }
};

// A multiply folded to 64 bits, as in wyhash (https://github.com/wangyi-fudan/wyhash).
inline uint64_t MixWords(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace forebay
