#include "infer/yaml_text.h"

#include <gtest/gtest.h>

#include "contract/diagnostics.h"
#include "contract/environment.h"
#include "contract/yaml_node.h"

namespace forebay::infer {
namespace {

const std::string kTexts[] = {
    "plain",   "two words", "yes",  "NO",      "null",        "~",    "",      "1",      "-1.5",
    "1e3",     "a: b",      "# c",  "'q'",     "\"q\"",       "\\",   "a\nb",  "\t",     "{x}",
    "[x]",     "*a",        "&a",   "!t",      "|",           ">",    "%d",    "@at",    "`b`",
    "${HOME}", "$${HOME}",  "$",    "\x7f",    "\x01",        "Köln", "日本",  "\u2028", "\u0085",
    "\ufeff",  " x ",       "true", "date(x)", "date(\"x\")", "-",    "--- a", "...",    "<<",
    "=",       "0x1F",      "1:30", "inf",     "\U0001F600"};

YamlNodePtr Load(const std::string& yaml) {
  Diagnostics diagnostics;
  YamlNodePtr node = LoadYaml(WithEnvironment(yaml, diagnostics), diagnostics);
  EXPECT_TRUE(diagnostics.empty()) << yaml << diagnostics.Drain().front().text;
  return node;
}

TEST(YamlTextTest, AnyTextComesBackInBlocksAndInFlows) {
  for (const std::string& text : kTexts) {
    for (const std::string& written : {YamlText(text), QuotedYaml(text)}) {
      const YamlNodePtr node =
          Load("key: " + written + "\nflow: {value: " + written + ", list: [" + written + "]}\n");
      EXPECT_EQ(AsText(*node->members[0].value), text) << written;
      EXPECT_EQ(AsText(*node->members[1].value->members[0].value), text) << written;
      EXPECT_EQ(AsText(*node->members[1].value->members[1].value->items[0]), text) << written;
    }
  }
}

TEST(YamlTextTest, ACommentStaysOnItsLine) {
  for (const std::string& text : kTexts) {
    const YamlNodePtr node = Load("a: 1" + YamlComment(text) + "\nb: 2\n");
    EXPECT_EQ(AsInteger(*node->members[0].value), 1) << text;
    EXPECT_EQ(AsInteger(*node->members[1].value), 2) << text;
  }
  EXPECT_EQ(YamlComment("say \"no\""), "  # say \"no\"");
}

TEST(YamlTextTest, BytesThatAreNotUtf8AreReplaced) {
  EXPECT_EQ(QuotedYaml("a\xFF"), "\"a\\ufffd\"");
}

TEST(YamlTextTest, LineEndsOfYaml11AreEscaped) {
  EXPECT_EQ(QuotedYaml("\u2028\u2029\u0085"), R"("\u2028\u2029\u0085")");
}

}  // namespace
}  // namespace forebay::infer
