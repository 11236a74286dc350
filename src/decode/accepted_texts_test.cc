#include "decode/accepted_texts.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>

namespace forebay {
namespace {

TEST(ShortText, DistinguishesAllShortTexts) {
  // All texts of two letters with up to 10 bytes; for greater lengths, texts that differ in a single
  // position.
  std::set<std::tuple<uint64_t, uint64_t, uint32_t>> seen;
  size_t texts = 0;
  const auto add = [&](const std::string& text) {
    const ShortText made = ShortText::Of(text);
    seen.insert({made.low, made.high, made.size});
    ++texts;
  };
  for (size_t size = 0; size <= 10; ++size) {
    for (unsigned bits = 0; bits < (1u << size); ++bits) {
      std::string text;
      for (size_t i = 0; i < size; ++i) text += (bits >> i & 1) != 0 ? 'a' : 'b';
      add(text);
    }
  }
  for (size_t size = 11; size <= ShortText::kMax; ++size) {
    add(std::string(size, 'a'));
    for (size_t i = 0; i < size; ++i) {
      std::string text(size, 'a');
      text[i] = '\0';
      add(text);
    }
  }
  EXPECT_EQ(seen.size(), texts);
}

TEST(AcceptedTexts, FindsOnlyRememberedTexts) {
  AcceptedTexts texts;
  EXPECT_FALSE(texts.Find(""));
  EXPECT_FALSE(texts.Find("view"));
  texts.Remember("view", 3);
  EXPECT_EQ(texts.Find("view"), 3);
  EXPECT_FALSE(texts.Find("vie"));
  EXPECT_FALSE(texts.Find("views"));
  EXPECT_FALSE(texts.Find(std::string_view("view\0", 5)));
  EXPECT_FALSE(texts.Find(""));
  texts.Remember("", -1);
  EXPECT_EQ(texts.Find(""), -1);
}

TEST(AcceptedTexts, DoesNotCacheLongTexts) {
  AcceptedTexts texts;
  const std::string text(ShortText::kMax + 1, 'x');
  texts.Remember(text, 1);
  EXPECT_FALSE(texts.Find(text));
}

TEST(AcceptedTexts, EvictsTextsWithoutMixingUpCodes) {
  AcceptedTexts texts;
  for (int32_t i = 0; i < 10'000; ++i) texts.Remember(std::to_string(i), i);
  int found = 0;
  for (int32_t i = 0; i < 10'000; ++i) {
    const auto code = texts.Find(std::to_string(i));
    if (!code) continue;
    EXPECT_EQ(*code, i);
    ++found;
  }
  EXPECT_GT(found, 0);
}

}  // namespace
}  // namespace forebay
