// Writes text into memory that the caller owns, without bounds checks, locales or temporaries. Used in the
// inner loop of the record writers.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace forebay {

// "00", "01", ... "99", concatenated.
inline constexpr std::array<char, 200> kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (int i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

// "00", "01", ... "ff", concatenated.
inline constexpr std::array<char, 512> kHexPairs = [] {
  std::array<char, 512> pairs{};
  for (int i = 0; i < 256; ++i) {
    pairs[2 * i] = "0123456789abcdef"[i / 16];
    pairs[2 * i + 1] = "0123456789abcdef"[i % 16];
  }
  return pairs;
}();

// REQUIRES, for every member function: enough space at the cursor for its output.
class TextWriter {
 public:
  explicit TextWriter(char* begin) : cursor_(begin) {}
  char* cursor() const { return cursor_; }

  // A string literal; its length is known to the compiler.
  template <size_t N>
  void Put(const char (&literal)[N]) {
    std::memcpy(cursor_, literal, N - 1);
    cursor_ += N - 1;
  }
  void Put(std::string_view text) {
    std::memcpy(cursor_, text.data(), text.size());
    cursor_ += text.size();
  }
  // Exactly two digits. REQUIRES: 0 <= value < 100.
  void TwoDigits(uint32_t value) {
    std::memcpy(cursor_, &kDigitPairs[2 * value], 2);
    cursor_ += 2;
  }
  // Exactly `digits` digits, with leading zeros. REQUIRES: value < 10^digits.
  void Padded(uint32_t value, int digits) {
    char* at = cursor_ + digits;
    for (; at - cursor_ >= 2; value /= 100) std::memcpy(at -= 2, &kDigitPairs[2 * (value % 100)], 2);
    if (at != cursor_) *cursor_ = static_cast<char>('0' + value);
    cursor_ += digits;
  }
  // Without leading zeros. REQUIRES: value >= 0.
  void Integer(int64_t value) {
    char text[20];
    char* at = text + sizeof text;
    auto rest = static_cast<uint64_t>(value);
    for (; rest >= 100; rest /= 100) std::memcpy(at -= 2, &kDigitPairs[2 * (rest % 100)], 2);
    if (rest >= 10) {
      std::memcpy(at -= 2, &kDigitPairs[2 * rest], 2);
    } else {
      *--at = static_cast<char>('0' + rest);
    }
    Put(std::string_view(at, static_cast<size_t>(text + sizeof text - at)));
  }
  // 1250 -> "12.50". REQUIRES: cents >= 0.
  void Money(int64_t cents) {
    Integer(cents / 100);
    *cursor_++ = '.';
    TwoDigits(static_cast<uint32_t>(cents % 100));
  }
  // Sixteen lower-case hexadecimal digits.
  void Hex(uint64_t value) {
    for (int i = 7; i >= 0; --i, value >>= 8) std::memcpy(cursor_ + 2 * i, &kHexPairs[2 * (value & 0xff)], 2);
    cursor_ += 16;
  }

 private:
  char* cursor_;
};

}  // namespace forebay
