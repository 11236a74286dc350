#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace forebay {
namespace {

// Encodes a code point in the UTF-8 scheme, even where UTF-8 forbids it.
std::string Encode(uint32_t point, int length) {
  static constexpr unsigned kLeads[] = {0, 0, 0xC0, 0xE0, 0xF0};
  if (length == 1) return std::string(1, static_cast<char>(point));
  std::string text(static_cast<size_t>(length), '\0');
  for (int i = length - 1; i > 0; --i, point >>= 6)
    text[static_cast<size_t>(i)] = static_cast<char>(0x80 | (point & 0x3F));
  text[0] = static_cast<char>(kLeads[length] | point);
  return text;
}

int ShortestLength(uint32_t point) {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

TEST(Utf8Test, EveryCodePointInEveryForm) {
  static constexpr uint32_t kLimits[] = {0, 0x80, 0x800, 0x10000, 0x200000};
  for (int length = 1; length <= 4; ++length) {
    for (uint32_t point = 0; point < kLimits[length]; ++point) {
      const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
      const bool valid = length == ShortestLength(point) && !surrogate && point <= 0x10FFFF;
      const std::string text = Encode(point, length);
      ASSERT_EQ(Utf8SequenceLength(text), valid ? text.size() : 0)
          << "U+" << std::hex << point << " in " << length;
      ASSERT_EQ(Utf8SequenceLength(text + "x"), valid ? text.size() : 0);
    }
  }
}

TEST(Utf8Test, RejectsTruncatedAndStrayBytes) {
  EXPECT_FALSE(IsUtf8("\x80"));
  EXPECT_FALSE(IsUtf8("a\xFF"));
  EXPECT_FALSE(IsUtf8("\xC3"));
  EXPECT_FALSE(IsUtf8("\xE2\x82"));
  EXPECT_FALSE(IsUtf8("\xE2\x82x"));
  EXPECT_FALSE(IsUtf8("\xF0\x9F\x8F"));
  EXPECT_FALSE(IsUtf8("\xF0\x9F\x8Fx"));
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("M\xC3\xBCnchen \xF0\x9F\x8F\x94"));
}

TEST(Utf8Test, CountsCharactersNotBytes) {
  EXPECT_EQ(CountCodePoints(""), 0);
  EXPECT_EQ(CountCodePoints("M\xC3\xBCnchen \xF0\x9F\x8F\x94"), 9);
}

}  // namespace
}  // namespace forebay
