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

TEST(Pattern, WhiteSpaceIsUnicodes) {
  for (const char* space : {" ", "\t", "\n", "\v", "\f", "\r", "\u00a0", "\u1680", "\u2003", "\u2028",
                            "\u2029", "\u202f", "\u205f", "\u3000", "\ufeff"}) {
    EXPECT_TRUE(Matches("^\\s$", space)) << space;
    EXPECT_TRUE(Matches("^[a\\s]$", space)) << space;
    EXPECT_FALSE(Matches("^\\S$", space)) << space;
  }
  for (const char* text : {"-", "_", " ", "\u00a0"}) EXPECT_TRUE(Matches("^[_\\s-]$", text)) << text;
  EXPECT_FALSE(Matches("^[_\\s-]$", "."));
  for (const char* range : {"[\\s-_]", "[+-\\s]", "[\\w-\\s]"})
    EXPECT_FALSE(Pattern::Compile(range).ok()) << range;
  for (const char* other : {"a", "\u0085", "\u200b", "ä"}) {
    EXPECT_FALSE(Matches("^\\s$", other)) << other;
    EXPECT_TRUE(Matches("^\\S$", other)) << other;
    EXPECT_TRUE(Matches("^[\\s\\S]$", other)) << other;
  }
}

TEST(Pattern, TheDotIsAnythingButALinesEnd) {
  for (const char* end : {"\n", "\r", "\u2028", "\u2029"}) {
    EXPECT_FALSE(Matches("^.$", end)) << end;
    EXPECT_TRUE(Matches("(?s)^.$", end)) << end;
  }
  for (const char* other : {"\v", "\f", "\u0085", ".", "😀"}) EXPECT_TRUE(Matches("^.$", other)) << other;
  EXPECT_FALSE(Matches("^[.]$", "a"));
  EXPECT_FALSE(Matches("^\\.$", "a"));
  EXPECT_TRUE(Matches("^\\Q.\\E.$", ".a"));
  EXPECT_FALSE(Matches("^\\Q.\\E.$", "aa"));
}

TEST(Pattern, EscapesOfCodePoints) {
  EXPECT_TRUE(Matches("^\\u{1F600}$", "😀"));
  EXPECT_TRUE(Matches("^\\ud83d\\ude00$", "😀"));
  EXPECT_TRUE(Matches("^[\\u{1F5FF}-\\u{1F601}]$", "😀"));
  EXPECT_FALSE(Matches("^\\u{2e}$", "a"));
  EXPECT_TRUE(Matches("^\\x41\\cJ\\0$", std::string("A\n\0", 3)));
  EXPECT_TRUE(Matches("^\\v$", "\v"));
  EXPECT_FALSE(Matches("^\\v$", "\n"));
}

TEST(Pattern, AnEmptyClassMatchesNothingAndItsComplementAnything) {
  EXPECT_FALSE(Matches("[]", "a"));
  EXPECT_TRUE(Matches("^[^]$", "\n"));
  EXPECT_TRUE(Matches("^[^\\]]$", "a"));
  EXPECT_TRUE(Matches("^[[:alpha:].]$", "."));
  EXPECT_FALSE(Matches("^[[:alpha:].]$", "1"));
  EXPECT_TRUE(Matches("^[\\w.-]+@[^\\s@]+$", "a.b-c@example.org"));
}

TEST(Pattern, IsCaseSensitive) {
  EXPECT_FALSE(Matches("eur", "EUR"));
  EXPECT_TRUE(Matches("(?i)eur", "EUR"));
}

TEST(Pattern, NulIsACharacter) {
  EXPECT_TRUE(Matches("^a.b$", std::string("a\0b", 3)));
}

TEST(Pattern, DiagnosticsHaveAPosition) {
  for (const char* pattern : {"[a", "(", "a{2,1}", "\\C", "(?<n>a)(?<n>b)"}) {
    const Result<Pattern> compiled = Pattern::Compile(pattern);
    ASSERT_FALSE(compiled.ok()) << pattern;
    EXPECT_EQ(compiled.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(compiled.error().message(), testing::HasSubstr(" at character "));
  }
  EXPECT_THAT(Pattern::Compile("\\s.a{2,1}").error().message(), testing::EndsWith(" at character 9"))
      << "of the pattern as it stands in the contract";
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

TEST(Pattern, MatchesATextAsAWhole) {
  const Result<Pattern> pattern = Pattern::Compile("^(a|ab)(?:c|(d))?");
  ASSERT_TRUE(pattern.ok());
  EXPECT_EQ(pattern->groups(), 2u);
  EXPECT_EQ(pattern->MatchWhole("ab"), (std::vector<std::string>{"ab", ""}))
      << "not the first alternative alone";
  EXPECT_EQ(pattern->MatchWhole("ad"), (std::vector<std::string>{"a", "d"}));
  EXPECT_EQ(pattern->MatchWhole("abx"), std::nullopt);
  EXPECT_EQ(pattern->MatchWhole("xab"), std::nullopt);
  const std::string endless = std::string(40, 'a') + "b";
  EXPECT_EQ(Pattern::Compile("^(a+)+")->MatchWhole(endless), std::nullopt);
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
