#include "contract/yaml_node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace forebay {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

YamlNodePtr LoadSound(const std::string& yaml) {
  Diagnostics diagnostics;
  YamlNodePtr root = LoadYaml(yaml, diagnostics);
  EXPECT_THAT(diagnostics.Drain(), IsEmpty()) << yaml;
  return root;
}

// Returns the only diagnostic.
Diagnostic LoadBroken(const std::string& yaml) {
  Diagnostics diagnostics;
  LoadYaml(yaml, diagnostics);
  const std::vector<Diagnostic> drained = diagnostics.Drain();
  EXPECT_EQ(drained.size(), 1u) << yaml.substr(0, 200);
  return drained.empty() ? Diagnostic{} : drained.front();
}

void ExpectBroken(const std::string& yaml, int line, const std::string& part) {
  const Diagnostic diagnostic = LoadBroken(yaml);
  EXPECT_EQ(diagnostic.line, line) << diagnostic.text;
  EXPECT_THAT(diagnostic.text, HasSubstr(part));
  EXPECT_THAT(diagnostic.text, HasSubstr("; "));
}

TEST(LoadYaml, EveryNodeHasItsLine) {
  const YamlNodePtr root = LoadSound("a: 1\nb:\n  - x\n  - c: {d: e}\n\nf:\ng: |\n  text\n");
  ASSERT_EQ(root->members.size(), 4u);
  EXPECT_EQ(root->members[1].line, 2);
  const YamlNode& list = *root->members[1].value;
  EXPECT_EQ(list.line, 3);
  EXPECT_EQ(list.items[0]->line, 3);
  EXPECT_EQ(list.items[1]->line, 4);
  EXPECT_EQ(list.items[1]->members[0].value->kind, YamlKind::kMap);
  EXPECT_EQ(root->members[2].value->kind, YamlKind::kNull);
  EXPECT_EQ(root->members[2].value->line, 6) << "nothing stands at its key, not at what follows";
  EXPECT_EQ(root->members[3].value->text, "text");
}

TEST(LoadYaml, ScalarsHaveTheTypesOfTheCoreSchema) {
  const YamlNodePtr root = LoadSound(
      "[1, '1', true, 'true', yes, 1.5, -3, 1_000, 0x10, ~, '', 2020-01-01, .5, -, 1.0.0, +7, 1e3]");
  const auto at = [&](size_t i) -> const YamlNode& { return *root->items[i]; };
  EXPECT_EQ(AsInteger(at(0)), 1);
  EXPECT_EQ(AsText(at(0)), std::nullopt);
  EXPECT_EQ(AsText(at(1)), "1");
  EXPECT_EQ(AsInteger(at(1)), std::nullopt);
  EXPECT_EQ(AsBool(at(2)), true);
  EXPECT_EQ(AsText(at(3)), "true");
  EXPECT_EQ(AsBool(at(3)), std::nullopt);
  EXPECT_EQ(AsText(at(4)), "yes") << "YAML 1.2 knows only true and false";
  EXPECT_TRUE(IsNumber(at(5)));
  EXPECT_EQ(AsInteger(at(5)), std::nullopt);
  EXPECT_EQ(AsInteger(at(6)), -3);
  EXPECT_EQ(AsText(at(7)), "1_000");
  EXPECT_EQ(AsText(at(8)), "0x10");
  EXPECT_EQ(at(9).kind, YamlKind::kNull);
  EXPECT_EQ(at(10).kind, YamlKind::kScalar);
  EXPECT_EQ(AsText(at(11)), "2020-01-01");
  EXPECT_TRUE(IsNumber(at(12)));
  EXPECT_FALSE(IsNumber(at(13)));
  EXPECT_EQ(AsText(at(14)), "1.0.0");
  EXPECT_EQ(AsInteger(at(15)), 7);
  EXPECT_TRUE(IsNumber(at(16)));
}

TEST(LoadYaml, AliasesStandForTheirAnchors) {
  const YamlNodePtr root = LoadSound("a: &x {b: c}\nd: *x\ne: [&y 5, *y]\n");
  EXPECT_EQ(root->members[1].value, root->members[0].value);
  EXPECT_EQ(AsInteger(*root->members[2].value->items[1]), 5);
}

TEST(LoadYaml, EmptyFiles) {
  for (const char* yaml : {"", "\n\n", "# only a comment\n", "---\n", "~\n", "--- # nothing\n...\n"}) {
    ExpectBroken(yaml, 1, "the file contains no YAML document");
  }
}

TEST(LoadYaml, SecondDocument) {
  ExpectBroken("a: b\n---\nc: d\n", 3, "a second YAML document");
}

TEST(LoadYaml, DuplicateKey) {
  ExpectBroken("a: b\nc:\n  d: 1\n  e: 2\n  d: 3\n", 5,
               "duplicate key 'd'; one d was expected; the first is in line 3");
  const YamlNodePtr root = [] {
    Diagnostics diagnostics;
    return LoadYaml("a: 1\na: 2\n", diagnostics);
  }();
  ASSERT_EQ(root->members.size(), 1u);
  EXPECT_EQ(root->members[0].value->text, "1");
}

TEST(LoadYaml, SyntaxIsExplained) {
  ExpectBroken("a: \"b\n", 1, "unclosed quoted text");
  ExpectBroken("a: 'b\nc: d\n# e\n\n", 3, "unclosed quoted text");
  ExpectBroken("a: b\n\tc: d\n", 2, "indented with a tab (column 1); spaces were expected");
  ExpectBroken("a: b: c\n", 1, "unexpected ':' (column 5)");
  ExpectBroken("a:\n    b: c\n  d: e\n", 3,
               "wrong indentation: the line belongs to nothing above it (column 3)");
  ExpectBroken("a: [b\nc: d\n", 2, "unclosed '['");
  ExpectBroken("a: {b: c\n", 1, "unclosed '{'");
  ExpectBroken("a: b]\nc: [d}\n", 2, "unmatched ']' or '}'");
  ExpectBroken("a: @b\n", 1, "quotes around the text were expected");
  ExpectBroken("a: - b\n", 1, "unexpected '- '");
  ExpectBroken("a: *b\n", 1, "undefined alias ('*name')");
  ExpectBroken("a: \"\\q\"\n", 1, "unknown escape character");
}

TEST(LoadYaml, UnsupportedYaml) {
  ExpectBroken("a: &x [*x]\n", 1, "the alias is inside its own anchor");
  ExpectBroken("a: !!int 5\n", 1, "'tag:yaml.org,2002:int' has no meaning in a contract");
  ExpectBroken("a: !mine [5]\n", 1, "the YAML tag '!mine'");
  ExpectBroken("a: b\n? [c]\n: d\n", 2, "a key is a list");
  ExpectBroken("a: &b {c: d}\ne:\n  <<: *b\n", 3, "the merge key '<<' is not part of YAML 1.2");
}

TEST(LoadYaml, InvalidBytes) {
  ExpectBroken("a: b\nc: \xFF\n", 2, "the byte 0xFF is not UTF-8");
  ExpectBroken("a: \xC0\xAF\n", 1, "0xC0 is not UTF-8");
  ExpectBroken("a: \xED\xA0\x80\n", 1, "0xED is not UTF-8");
  ExpectBroken("a: \xF4\x90\x80\x80\n", 1, "0xF4 is not UTF-8");
  ExpectBroken("a: \xE2\x82", 1, "0xE2 is not UTF-8");
  ExpectBroken(std::string("a: b\n\0", 6), 2, "the control character 0x00");
  ExpectBroken("a: \x1B[31m\n", 1, "the control character 0x1B");
  EXPECT_EQ(LoadSound("a: \xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\n")->members[0].value->text, "ä€😀");
}

TEST(LoadYaml, ExpansionBombsAreRejectedWithOneDiagnostic) {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c <= 'h'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 10; ++i) bomb += std::string(i > 0 ? "," : "") + "*" + static_cast<char>(c - 1);
    bomb += "]\n";
  }
  ExpectBroken(bomb, 6, "grows to more than 200000 values");
  ExpectBroken(std::string(100'000, '['), 1, "nested deeper than 200 levels");
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += std::string(static_cast<size_t>(i), ' ') + "a:\n";
  ExpectBroken(deep, 201, "nested deeper than 200 levels");
  ExpectBroken("a: b\n" + std::string(kMaxContractBytes, '#'), 1, "more than 4194304 bytes");
}

// Any bytes produce a tree or a diagnostic, and never a crash. Mutates a document that contains every
// construct.
TEST(LoadYaml, BrokenInEveryPlace) {
  const std::string valid =
      "a: &x {b: [c, 'd', \"e\\n\"]}\nf:\n  - *x\n  - g: |\n      h\n    i: >-\n      j\nk: ~\n# l\n";
  const std::string replacements = "[]{}:,'\"&*#-|>%@! \n\t\xFF?";
  for (size_t at = 0; at < valid.size(); ++at) {
    for (const char replacement : replacements) {
      std::string broken = valid;
      broken[at] = replacement;
      Diagnostics diagnostics;
      const YamlNodePtr root = LoadYaml(broken, diagnostics);
      EXPECT_TRUE(root != nullptr || !diagnostics.empty()) << broken;
    }
    Diagnostics diagnostics;
    LoadYaml(valid.substr(0, at), diagnostics);
  }
}

TEST(DescribeNode, DescribesTheValue) {
  const YamlNodePtr root = LoadSound("[[], {}, ~, true, 5, five, '5']");
  const char* expected[] = {"a list",       "a map",           "nothing",     "true",
                            "the number 5", "the text 'five'", "the text '5'"};
  for (size_t i = 0; i < root->items.size(); ++i) EXPECT_EQ(DescribeNode(*root->items[i]), expected[i]);
}

}  // namespace
}  // namespace forebay
