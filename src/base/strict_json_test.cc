#include "base/strict_json.h"

#include <gtest/gtest.h>

namespace forebay {
namespace {

TEST(StrictJsonTest, KeepsTheFirstDiagnosticAndContinues) {
  StrictJson reader("x.json", "letter");
  const boost::json::value document =
      reader.Parse(R"({"a": 1, "b": "x", "c": -5, "d": null, "e": "00000000000000ff"})");
  const auto& object = reader.Object(document, "the letter", {"a", "b", "c", "d", "e"});
  EXPECT_EQ(reader.Count(object, "a", "it"), 1u);
  EXPECT_EQ(reader.String(object, "b", "it"), "x");
  EXPECT_EQ(reader.OptionalInt(object, "c", "it"), -5);
  EXPECT_EQ(reader.OptionalInt(object, "d", "it"), std::nullopt);
  EXPECT_EQ(reader.Hex(object, "e", "it"), 255u);
  EXPECT_TRUE(reader.status().ok());
  EXPECT_EQ(reader.Count(object, "c", "it"), 0u);
  EXPECT_EQ(reader.String(object, "a", "it"), "");
  EXPECT_EQ(reader.status().error().message(),
            "x.json is not a valid letter: 'c' in it is not an integer of at least 0");
}

TEST(StrictJsonTest, RefusesMissingAndUnknownMembersAndOtherText) {
  const auto refused = [](std::string_view text) {
    StrictJson reader("x", "letter");
    const boost::json::value document = reader.Parse(text);
    reader.Object(document, "it", {"a"});
    return reader.status().ok() ? "" : reader.status().error().message();
  };
  EXPECT_EQ(refused(R"({"a": 1})"), "");
  EXPECT_NE(refused("{}").find("it has no 'a'"), std::string::npos);
  EXPECT_NE(refused(R"({"a": 1, "b": 2})").find("unknown member 'b'"), std::string::npos);
  EXPECT_NE(refused("[]").find("it is not an object"), std::string::npos);
  EXPECT_NE(refused("{").find("truncated"), std::string::npos);
}

}  // namespace
}  // namespace forebay
