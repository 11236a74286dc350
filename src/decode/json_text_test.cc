#include "decode/json_text.h"

#include <gtest/gtest.h>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse_options.hpp>
#include <random>
#include <string>

#include "base/utf8.h"

namespace forebay {
namespace {

JsonError SkipAll(std::string_view text, int max_depth = 64) {
  std::string arena;
  arena.reserve(text.size());
  JsonReader reader;
  reader.Reset(text, &arena, max_depth);
  const JsonError error = reader.Skip(0, nullptr);
  if (error != JsonError::kNone) return error;
  return reader.AtEnd() ? JsonError::kNone : JsonError::kSyntax;
}

std::string Unescaped(std::string_view text) {
  std::string arena;
  arena.reserve(text.size());
  JsonReader reader;
  reader.Reset(text, &arena, 64);
  std::string_view value;
  if (reader.Peek() != JsonType::kString || reader.ReadString(&value) != JsonError::kNone) return "rejected";
  return std::string(value);
}

TEST(JsonReaderTest, AcceptsJson) {
  for (const char* text :
       {"{}", "[]", "0", "-0", "1.5e+10", "1E-2", "\"\"", "true", "false", "null", " [1 , 2 ] ",
        R"({"a":{"b":[1,{"c":null}]},"d":"x"})", "\"\xF0\x9F\x8F\x94\"", R"("\uD83C\uDFD4")"}) {
    EXPECT_EQ(SkipAll(text), JsonError::kNone) << text;
  }
}

TEST(JsonReaderTest, RejectsInvalidJson) {
  for (const char* text : {"",           " ",         "{",
                           "}",          "[1,]",      "[,1]",
                           "{\"a\"}",    "{\"a\":}",  "{a:1}",
                           "{\"a\":1,}", "01",        "-",
                           "+1",         ".5",        "1.",
                           "1e",         "1e+",       "0x10",
                           "NaN",        "Infinity",  "tru",
                           "nulll",      "'a'",       "\"a",
                           "\"\\x\"",    "\"\\u12\"", "\"\t\"",
                           "1 2",        "{} {}",     "[1 2]",
                           "\"\\",       "/* */1",    "\xEF\xBB\xBF{}",
                           "--1",        "[1]]"}) {
    EXPECT_EQ(SkipAll(text), JsonError::kSyntax) << text;
  }
}

TEST(JsonReaderTest, ReportsErrorsInStrings) {
  EXPECT_EQ(SkipAll("\"\xFF\""), JsonError::kNotUtf8);
  EXPECT_EQ(SkipAll("\"\xC0\x80\""), JsonError::kNotUtf8);      // overlong
  EXPECT_EQ(SkipAll("\"\xED\xA0\x80\""), JsonError::kNotUtf8);  // a surrogate
  EXPECT_EQ(SkipAll("\"\xF4\x90\x80\x80\""), JsonError::kNotUtf8);
  EXPECT_EQ(SkipAll("\"\xE2\x82\""), JsonError::kNotUtf8);
  EXPECT_EQ(SkipAll(R"("\uD800")"), JsonError::kBadEscape);
  EXPECT_EQ(SkipAll(R"("\uDC00")"), JsonError::kBadEscape);
  EXPECT_EQ(SkipAll(R"("\uD800\u0041")"), JsonError::kBadEscape);
  EXPECT_EQ(SkipAll(R"("\uD800x")"), JsonError::kBadEscape);
}

TEST(JsonReaderTest, FindsDuplicatesInManyMembers) {
  std::string text = "{";
  for (int i = 0; i < 1000; ++i) text += "\"m" + std::to_string(i) + "\":1,";
  EXPECT_EQ(SkipAll(text + "\"x\":1}"), JsonError::kNone);
  EXPECT_EQ(SkipAll(text + "\"m7\":1}"), JsonError::kDuplicateMember);
  EXPECT_EQ(SkipAll(text + "\"m999\":1}"), JsonError::kDuplicateMember);
  EXPECT_EQ(SkipAll(R"({"a":1,"\u0061":2})"), JsonError::kDuplicateMember);
  EXPECT_EQ(SkipAll(R"([{"a":1},{"a":1}])"), JsonError::kNone);
}

TEST(JsonReaderTest, BoundsDepth) {
  EXPECT_EQ(SkipAll("[[[]]]", 3), JsonError::kNone);
  EXPECT_EQ(SkipAll("[[[[]]]]", 3), JsonError::kTooDeep);
  EXPECT_EQ(SkipAll(std::string(100'000, '[')), JsonError::kTooDeep);
}

TEST(JsonReaderTest, Unescapes) {
  EXPECT_EQ(Unescaped(R"("plain")"), "plain");
  EXPECT_EQ(Unescaped(R"("a\"b\\c\/d\b\f\n\r\t")"), "a\"b\\c/d\b\f\n\r\t");
  EXPECT_EQ(Unescaped(R"("\u0041\u00e9\u20ac\uD83C\uDFD4")"), "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8F\x94");
  EXPECT_EQ(Unescaped(R"("\u0000x")"), std::string("\0x", 2));
  EXPECT_EQ(Unescaped("\"a rather long text, without any escape in it\""),
            "a rather long text, without any escape in it");
}

// Lets Boost.JSON validate the same bytes.
struct NullHandler {
  static constexpr std::size_t max_object_size = SIZE_MAX, max_array_size = SIZE_MAX, max_key_size = SIZE_MAX,
                               max_string_size = SIZE_MAX;
  using error_code = boost::json::error_code;
  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t, error_code&) { return true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t, error_code&) { return true; }
  bool on_key_part(boost::json::string_view, std::size_t, error_code&) { return true; }
  bool on_key(boost::json::string_view, std::size_t, error_code&) { return true; }
  bool on_string_part(boost::json::string_view, std::size_t, error_code&) { return true; }
  bool on_string(boost::json::string_view, std::size_t, error_code&) { return true; }
  bool on_number_part(boost::json::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t, boost::json::string_view, error_code&) { return true; }
  bool on_uint64(std::uint64_t, boost::json::string_view, error_code&) { return true; }
  bool on_double(double, boost::json::string_view, error_code&) { return true; }
  bool on_bool(bool, error_code&) { return true; }
  bool on_null(error_code&) { return true; }
  bool on_comment_part(boost::json::string_view, error_code&) { return true; }
  bool on_comment(boost::json::string_view, error_code&) { return true; }
};

bool BoostAccepts(std::string_view text) {
  boost::json::basic_parser<NullHandler> parser{boost::json::parse_options()};
  boost::json::error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  return !error && read == text.size() && parser.done();
}

TEST(JsonReaderTest, AgreesWithAnotherParserOnMutatedTexts) {
  const std::string seeds[] = {
      R"({"id":"a1","at":"2025-10-30T12:00:00Z","n":-12.50e3,"ok":true,"none":null,"list":[1,2,{"x":"\u00e9\n"}]})",
      R"([[],{},"",0,-0.0,1E5,"\uD83C\uDFD4 mountain",[{"k":[false]}]])",
      "{\"name\":\"M\xC3\xBCnchen \xF0\x9F\x8F\x94\",\"deep\":[[[[1]]]]}"};
  const std::string bytes = "{}[]\",:\\u0123456789abcdefDEF-+.eE \n\ttrunl\x01\x80\xC3\xBC\xED\xA0\xFF/";
  std::mt19937_64 random(20251030);
  int accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text = seeds[random() % 3];
    for (uint64_t edits = 1 + random() % 3; edits > 0; --edits) {
      const size_t at = random() % text.size();
      const char byte = bytes[random() % bytes.size()];
      switch (random() % 4) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.insert(at, 1, byte);
          break;
        case 2:
          text.erase(at, 1 + random() % 3);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), random() % 8));
          break;
      }
      if (text.empty()) text = "x";
    }
    const JsonError error = SkipAll(text);
    if (error == JsonError::kDuplicateMember || error == JsonError::kTooDeep)
      continue;  // Boost.JSON accepts these
    const bool mine = error == JsonError::kNone;
    ASSERT_EQ(mine, BoostAccepts(text)) << text;
    ASSERT_TRUE(!mine || IsUtf8(text)) << text;
    accepted += mine ? 1 : 0;
  }
  EXPECT_GT(accepted, 20'000);
}

}  // namespace
}  // namespace forebay
