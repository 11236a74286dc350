#include "sample/json_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace forebay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Split {
  std::vector<std::string> values;
  std::vector<TextPosition> positions;
  std::string error;  // empty: the text ended well
};

// Splits the text, which arrives in pieces of this size.
Split SplitText(std::string_view text, size_t piece = SIZE_MAX,
                size_t max_value_bytes = JsonSplitter::kMaxValueBytes) {
  JsonSplitter splitter("in.json", max_value_bytes);
  Split split;
  while (true) {
    const auto step = splitter.Next();
    if (!step.ok()) {
      split.error = step.error().message();
      EXPECT_EQ(step.error().code(), ErrorCode::kInvalidArgument);
      EXPECT_EQ(splitter.Next().error().message(), split.error) << "the error is final";
      return split;
    }
    if (*step == JsonSplitter::Step::kEnd) return split;
    if (*step == JsonSplitter::Step::kValue) {
      split.values.emplace_back(splitter.value());
      split.positions.push_back(splitter.position());
    } else if (text.empty()) {
      splitter.Finish();
    } else {
      splitter.Append(text.substr(0, piece));
      text.remove_prefix(std::min(piece, text.size()));
    }
  }
}

std::vector<std::string> Values(std::string_view text) {
  const Split split = SplitText(text);
  EXPECT_EQ(split.error, "");
  return split.values;
}

TEST(JsonSplitterTest, LinesArraysAndStreamsAreTheSameValues) {
  const auto values = ElementsAre(R"({"a":1})", R"({"b":[2,{}]})");
  EXPECT_THAT(Values("{\"a\":1}\n{\"b\":[2,{}]}\n"), values);
  EXPECT_THAT(Values("{\"a\":1}\r\n\r\n \t{\"b\":[2,{}]}"), values);
  EXPECT_THAT(Values("{\"a\":1}{\"b\":[2,{}]}"), values);
  EXPECT_THAT(Values("[{\"a\":1}, {\"b\":[2,{}]}]"), values);
  EXPECT_THAT(Values("[\n  {\n    \"a\": 1\n  },\n  {\"b\":[2,{}]}\n]\n"), values);
  EXPECT_THAT(Values("\xEF\xBB\xBF{\n\"a\"\n:1}\n[{\"b\":[2,{}]}]"), values);
  EXPECT_THAT(Values("[{\"a\":1}][][{\"b\":[2,{}]}]"), values) << "pages of an API";
}

TEST(JsonSplitterTest, AValueOnOneLineKeepsItsBytes) {
  const std::string value = "{ \"a\" : 1.50e+01,\t\"b\":\"\\u0041\\n  \xC3\xBC\" }";
  EXPECT_THAT(Values("  " + value + "  \n"), ElementsAre(value));
  EXPECT_THAT(Values("[" + value + "]"), ElementsAre(value));
}

TEST(JsonSplitterTest, AValueOnSeveralLinesLosesOnlyTheSpaceBetweenItsTokens) {
  EXPECT_THAT(Values("{ \"a b\" :\n[ 1.50 ,\r\n\"\\\"  \\\\\" , \"x\\\\\", \"  y\" ] }"),
              ElementsAre(R"({"a b":[1.50,"\"  \\","x\\","  y"]})"));
}

TEST(JsonSplitterTest, ScalarsAndNestedArraysAreValues) {
  EXPECT_THAT(Values("1 -2.5e3\ntrue null \"x\"\"y\"{}"),
              ElementsAre("1", "-2.5e3", "true", "null", "\"x\"", "\"y\"", "{}"));
  EXPECT_THAT(Values("[1,[2,[3]],\"]\"]"), ElementsAre("1", "[2,[3]]", "\"]\""));
  EXPECT_THAT(Values(""), IsEmpty());
  EXPECT_THAT(Values(" \n\n"), IsEmpty());
  EXPECT_THAT(Values("[]"), IsEmpty());
}

TEST(JsonSplitterTest, WhatTheDecoderRefusesIsLeftToIt) {
  const std::string deep = std::string(300, '[') + std::string(300, ']');
  for (const std::string& value : {std::string(R"({"a":1,"a":2})"), std::string(R"({"a":"\uD800"})"),
                                   std::string("{\"a\":\"\xFF\"}"), "{\"a\":" + deep + "}"}) {
    EXPECT_THAT(Values(value + value), ElementsAre(value, value));
  }
}

TEST(JsonSplitterTest, PositionsAreLinesAndBytes) {
  const Split split = SplitText("{}\n  {\n}\n[1,\n 22 , 3]");
  EXPECT_THAT(split.positions, ElementsAre(TextPosition{1, 1}, TextPosition{2, 3}, TextPosition{4, 2},
                                           TextPosition{5, 2}, TextPosition{5, 7}));
}

struct BadText {
  std::string text;
  size_t values_before;
  std::string expected;
};

class JsonSplitterErrorTest : public testing::TestWithParam<BadText> {};

TEST_P(JsonSplitterErrorTest, IsSaidWithItsPlace) {
  const BadText& bad = GetParam();
  const Split split = SplitText(bad.text);
  EXPECT_EQ(split.values.size(), bad.values_before);
  EXPECT_THAT(split.error, StartsWith("in.json "));
  EXPECT_THAT(split.error, HasSubstr(bad.expected));
}

INSTANTIATE_TEST_SUITE_P(
    All, JsonSplitterErrorTest,
    testing::Values(BadText{"not json", 0, "unexpected 'not' at line 1, byte 1"},
                    BadText{"{\"a\":1}\n{\"a\" 1}\n{}", 1, "unexpected '1' at line 2, byte 6"},
                    BadText{"{\"a\":1},{\"a\":2}", 1, "unexpected ',' at line 1, byte 8"},
                    BadText{"a,b,c\n1,2,3", 0, "unexpected 'a' at line 1, byte 1"},
                    BadText{"1,2,3", 1, "unexpected ',' at line 1, byte 2"},
                    BadText{"2025-10-30", 0, "unexpected '-10-30' at line 1, byte 5"},
                    BadText{"{'a': 1}", 0, "unexpected ''' at line 1, byte 2"},
                    BadText{"{\"a\": NaN}", 0, "unexpected 'NaN' at line 1, byte 7"},
                    BadText{"{\"a\": 1,}", 0, "unexpected '}' at line 1, byte 9"},
                    BadText{"{\"a\": 01}", 0, "unexpected"},
                    BadText{"[{}, {},]", 2, "unexpected ']' at line 1, byte 9"},
                    BadText{"[1 2]", 1, "unexpected '2' at line 1, byte 4"},
                    BadText{"[,1]", 0, "unexpected ',' at line 1, byte 2"},
                    BadText{"[1]]", 1, "unexpected ']' at line 1, byte 4"},
                    BadText{"{}}", 1, "unexpected '}' at line 1, byte 3"},
                    BadText{"{\"a\": [1}\n{}", 0, "unexpected '}' at line 1, byte 9"},
                    BadText{"{\"a\": tru, \"b\": [1}", 0, "unexpected 'tru' at line 1, byte 7"},
                    BadText{"{\"a\":1,\"a\":[1}", 0, "unexpected '}' at line 1, byte 14"},
                    BadText{"{\"a\": \"x\ny\"}", 0, "unexpected '\\x0a' at line 1, byte 9"},
                    BadText{"{\"a\":1,\"a\": \"x\ny\"}", 0, "unexpected '\\x0a' at line 1, byte 15"},
                    BadText{"\xC3\xBC", 0, "unexpected '\xC3\xBC' at line 1, byte 1"},
                    BadText{"{}\n\xFF", 1, "unexpected the byte 0xFF at line 2, byte 1"},
                    BadText{std::string("\xFF\xFE{\0}\0", 6), 0,
                            "convert it with `iconv -f UTF-16 -t UTF-8`"},
                    BadText{"{\"a\": {\"b\": 2}", 0,
                            "no end of the value that begins at line 1, byte 1; it may be truncated"},
                    BadText{"\n\"abc", 0, "no end of the value that begins at line 2, byte 1"},
                    BadText{"{} [{}", 2, "ends inside the array that begins at line 1, byte 4"}));

TEST(JsonSplitterTest, PiecesMakeNoDifference) {
  const std::string text =
      "\xEF\xBB\xBF[{\"a\": \"\\\\\\\"\xC3\xBC\\u0041\" , \"b\":\n[-1.5e-3 , true]} , 12,null]\r\n "
      "{\"c\":{}} \"s\" false";
  const Split whole = SplitText(text);
  ASSERT_EQ(whole.error, "");
  ASSERT_EQ(whole.values.size(), 6u);
  for (size_t piece = 1; piece < text.size(); ++piece) {
    const Split split = SplitText(text, piece);
    EXPECT_EQ(split.error, "");
    EXPECT_EQ(split.values, whole.values);
    EXPECT_EQ(split.positions, whole.positions);
  }
}

TEST(JsonSplitterTest, TextsThatAreCutOffAnywhereAreSaid) {
  const std::string text = "[{\"a\": \"\\\"\\u00e4\xC3\xBC\", \"b\": [1, -2.5e+3, true, null]}, {}]";
  for (size_t bytes = 1; bytes < text.size(); ++bytes) {
    const Split split = SplitText(text.substr(0, bytes), 7);
    EXPECT_NE(split.error, "") << bytes;
    EXPECT_LE(split.values.size(), 2u);
  }
}

TEST(JsonSplitterTest, ChangedBytesNeverBreakIt) {
  const std::string text = "{\"a\": [1, {\"b\": \"\\u00e4 \\\\\"}], \"c\": null}\n[ {\"d\": -0.5}, \"x\" ]\n";
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string changed = text;
    for (int change = 0; change < 3; ++change)
      changed[random() % changed.size()] = "{}[]\",:\\\n 0-eu\xFF\x01"[random() % 16];
    const Split split = SplitText(changed, 1 + random() % 9);
    for (const std::string& value : split.values) {
      const Split again = SplitText("[" + value + "]");
      EXPECT_EQ(again.error, "");
      EXPECT_EQ(again.values, std::vector<std::string>{value}) << changed;
    }
  }
}

TEST(JsonSplitterTest, AValueThatIsTooLongIsSaid) {
  EXPECT_THAT(SplitText("{\"a\":1} {\"b\":\"" + std::string(300, 'x'), 10, 100).error,
              HasSubstr("no end of the value that begins at line 1, byte 9; it is too long for a record"));
  EXPECT_THAT(SplitText("{\"a\" " + std::string(300, '['), 10, 100).error,
              HasSubstr("unexpected '[' at line 1, byte 6"));
  EXPECT_EQ(SplitText("[" + std::string(300, ' ') + "1" + std::string(300, '\n') + ",2]", 10, 100).error, "");
}

}  // namespace
}  // namespace forebay
