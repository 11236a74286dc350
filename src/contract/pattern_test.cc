#include "contract/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace forebay {
namespace {

bool Matches(const std::string& pattern, const std::string& text) {
  Result<Pattern> compiled = Pattern::Compile(pattern);
  EXPECT_TRUE(compiled.ok()) << pattern << (compiled.ok() ? "" : compiled.error().message());
  return compiled.ok() && compiled->Matches(text);
}

TEST(Pattern, IsUnanchored) {
  EXPECT_TRUE(Matches("b", "abc"));
  EXPECT_FALSE(Matches("^b", "abc"));
  EXPECT_TRUE(Matches("", "")) << "an empty match is a match";
}

TEST(Pattern, DollarIsTheVeryEnd) {
  EXPECT_TRUE(Matches("^[A-Z]{3}$", "EUR"));
  EXPECT_FALSE(Matches("^[A-Z]{3}$", "EUR\n")) << "as in ECMA-262, unlike Perl";
  EXPECT_FALSE(Matches("^[A-Z]{3}$", "EURO"));
  EXPECT_FALSE(Matches("^a$", "b\na\nc"));
}

TEST(Pattern, CountsCodePoints) {
  EXPECT_TRUE(Matches("^.{3}$", "ä€😀"));
  EXPECT_TRUE(Matches("^\\u00e4$", "ä")) << "ECMA-262 writes a code point so";
  EXPECT_TRUE(Matches("^[ä-ü]$", "ö"));
}

TEST(Pattern, ClassesAreAscii) {
  EXPECT_TRUE(Matches("^\\d$", "7"));
  EXPECT_FALSE(Matches("^\\d$", "٧"));
  EXPECT_FALSE(Matches("^\\w$", "ä"));
}

TEST(Pattern, IsCaseSensitive) {
  EXPECT_FALSE(Matches("eur", "EUR"));
  EXPECT_TRUE(Matches("(?i)eur", "EUR"));
}

TEST(Pattern, NulIsACharacter) {
  EXPECT_TRUE(Matches("^a.b$", std::string("a\0b", 3)));
}

TEST(Pattern, MistakesHaveAPosition) {
  for (const char* pattern : {"[a", "(", "a{2,1}", "\\C", "(?<n>a)(?<n>b)"}) {
    const Result<Pattern> compiled = Pattern::Compile(pattern);
    ASSERT_FALSE(compiled.ok()) << pattern;
    EXPECT_EQ(compiled.error().code(), ErrorCode::kUsage);
    EXPECT_THAT(compiled.error().message(), testing::HasSubstr(" at character "));
  }
}

TEST(Pattern, EndlessSearchEndsAsNoMatch) {
  EXPECT_FALSE(Matches("^(a+)+$", std::string(40, 'a') + "b"));
}

TEST(Pattern, LongTextMatches) {
  EXPECT_TRUE(Matches("^(?:ab|c)*$", [] {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += "ab";
    return text;
  }()));
}

TEST(Pattern, IsReusable) {
  Result<Pattern> compiled = Pattern::Compile("^[0-9]+$");
  ASSERT_TRUE(compiled.ok());
  Pattern moved = std::move(*compiled);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(moved.Matches(std::to_string(i)));
    EXPECT_FALSE(moved.Matches(std::to_string(i) + "x"));
  }
}

}  // namespace
}  // namespace forebay
