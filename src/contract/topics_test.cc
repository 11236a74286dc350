// Several topics as one table, and templates.
#include "contract/topics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/testing.h"

namespace forebay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A contract of tables with these names and values of kafka.topic.
std::string Yaml(const std::vector<std::pair<std::string, std::string>>& tables) {
  std::string yaml = "apiVersion: v3.2.0\nkind: DataContract\nid: x\nversion: 1.0.0\nschema:\n";
  for (const auto& [name, topics] : tables) {
    yaml += "  - name: '" + name + "'\n    customProperties: [{property: kafka.topic, value: " + topics +
            "}]\n    properties:\n      - {name: id, logicalType: string}\n"
            "      - {name: day, logicalType: date, partitioned: true}\n";
  }
  return yaml;
}

Contract Parse(const std::vector<std::pair<std::string, std::string>>& tables) {
  Result<Contract> contract = ParseContract(Yaml(tables), "test");
  EXPECT_TRUE(contract.ok()) << (contract.ok() ? "" : contract.error().message());
  return contract.ok() ? std::move(contract).value() : Contract();
}

std::string Problem(const std::vector<std::pair<std::string, std::string>>& tables) {
  const Result<Contract> contract = ParseContract(Yaml(tables), "test");
  return contract.ok() ? "" : contract.error().message();
}

// "topic>table", with "~" for a topic that only a pattern has.
std::vector<std::string> Texts(const Result<std::vector<SelectedTopic>>& topics) {
  if (!topics.ok()) return {topics.error().message()};
  std::vector<std::string> texts;
  for (const SelectedTopic& topic : *topics)
    texts.push_back(topic.topic + (topic.by_name ? ">" : "~>") + topic.table);
  return texts;
}

TEST(Topics, OneTopicIsATableWithoutAColumnForIt) {
  const Contract contract = Parse({{"clicks", "shop.clicks"}});
  EXPECT_EQ(contract.tables[0].topic.name, "shop.clicks");
  EXPECT_FALSE(contract.tables[0].HasTopicColumn());
  EXPECT_THAT(Texts(SelectTopics(contract.tables, {"shop.clicks", "other"})),
              ElementsAre("shop.clicks>clicks"));
}

TEST(Topics, AListIsATableOfSeveralTopicsEvenWithOneName) {
  for (const char* topics : {"[eu]", "[eu, us]", "'^[a-z]+$'"}) {
    const Contract contract = Parse({{"orders", topics}});
    EXPECT_TRUE(contract.tables[0].HasTopicColumn()) << topics;
    EXPECT_FALSE(contract.tables[0].is_template);
    EXPECT_EQ(contract.tables[0].topic.name, "");
  }
}

TEST(Topics, NamesComeFirstAndPatternsMatchWholeNames) {
  const Contract contract = Parse({{"orders", "[orders.zz, '^orders\\.(eu|us)', orders.aa]"}});
  EXPECT_THAT(Texts(SelectTopics(contract.tables,
                                 {"orders.us", "orders.eu", "orders.eu.old", "my.orders.eu", "orders.aa"})),
              ElementsAre("orders.zz>orders", "orders.aa>orders", "orders.eu~>orders", "orders.us~>orders"));
  EXPECT_EQ(DescribeTopics(contract.tables[0]), "orders.zz, ^orders\\.(eu|us), orders.aa");
}

TEST(Topics, NoPatternMatchesInternalTopics) {
  const Contract contract = Parse({{"all", "'^.*'"}});
  EXPECT_THAT(Texts(SelectTopics(contract.tables, {"__consumer_offsets", "_schemas", "a"})),
              ElementsAre("_schemas~>all", "a~>all"));
  EXPECT_THAT(Texts(SelectTopics(Parse({{"offsets", "[__consumer_offsets]"}}).tables, {})),
              ElementsAre("__consumer_offsets>offsets"));
}

TEST(Topics, ATemplateGivesATableForEachTopic) {
  const Contract contract =
      Parse({{"orders_{1}", "'^(?:old\\.)?orders\\.(.*)'"}, {"{topic}", "[a.b, '^x\\..*']"}});
  ASSERT_TRUE(contract.tables[0].is_template && contract.tables[1].is_template);
  EXPECT_FALSE(contract.tables[0].HasTopicColumn());
  EXPECT_THAT(Texts(SelectTopics(contract.tables, {"orders.eu", "old.orders.us", "x.y"})),
              ElementsAre("old.orders.us~>orders_us", "orders.eu~>orders_eu", "a.b>a.b", "x.y~>x.y"));
}

TEST(Topics, TheTableOfATopicHasItsOwnNameAndTopic) {
  const Contract contract = Parse({{"orders_{1}", "'^orders\\.(.*)'"}});
  const auto table = MakeTable(contract, "orders_eu", "orders.eu");
  ASSERT_TRUE(table.ok());
  EXPECT_EQ((*table)->name, "orders_eu");
  EXPECT_EQ((*table)->topic.name, "orders.eu");
  EXPECT_FALSE((*table)->is_template);
  EXPECT_EQ(contract.FindTable("orders_eu", "orders.eu"), &contract.tables[0]);
  EXPECT_EQ(contract.FindTable("orders_eu"), nullptr);
  EXPECT_EQ(contract.FindTable("orders_us", "orders.eu"), nullptr);
  EXPECT_THAT(MakeTable(contract, "orders_us", "orders.eu").error().message(),
              HasSubstr("no table 'orders_us'"));
  EXPECT_THAT(MakeTable(contract, "orders_{1}", "orders.eu").error().message(), HasSubstr("is a template"));
}

TEST(Topics, NamesThatNoDirectoryCanHaveAreMoved) {
  const Contract contract = Parse({{"{topic}", "'^.*'"}, {"x{1}y{1}{}{z}", "'^q\\.(a*)(b*)'"}});
  EXPECT_EQ(FindTopic(contract.tables[0], "_hidden")->table, "hidden");
  EXPECT_EQ(FindTopic(contract.tables[0], "quarantine")->table, "quarantine_");
  EXPECT_EQ(FindTopic(contract.tables[1], "q.b")->table, "xy___z_") << "an empty group, and other braces";
}

TEST(Topics, ATopicHasOneTableAndATableOfATemplateOneTopic) {
  const Contract patterns = Parse({{"a", "'^x.*'"}, {"b", "'^.*y'"}});
  EXPECT_THAT(Texts(SelectTopics(patterns.tables, {"x1", "2y"})), ElementsAre("x1~>a", "2y~>b"));
  EXPECT_THAT(
      Texts(SelectTopics(patterns.tables, {"xy"}))[0],
      HasSubstr("the topic 'xy' is matched by the topics of table 'b' (^.*y), and matched by the topics of "
                "table 'a' (^x.*); a topic of one table alone was expected"));
  const Contract contract = Parse({{"{1}", "'^(?:old|new)\\.(.*)'"}, {"taken", "t"}});
  EXPECT_THAT(Texts(SelectTopics(contract.tables, {"old.a", "new.A"}))[0],
              HasSubstr("the topic 'old.a' gives table 'a', and topic 'new.A' gives table 'A'"));
  EXPECT_THAT(Texts(SelectTopics(contract.tables, {"old.taken"}))[0],
              HasSubstr("the topic 'old.taken' gives table 'taken', and the contract has table 'taken'"));
}

TEST(Topics, ATableOfTheContractIsTakenEvenWithoutTopics) {
  const Contract contract = Parse({{"orders", "'^o\\..*'"}, {"{1}", "'^t\\.(.*)'"}});
  EXPECT_THAT(Texts(SelectTopics(contract.tables, {"t.Orders"}))[0],
              HasSubstr("the topic 't.Orders' gives table 'Orders', and the contract has table 'orders'"));
}

TEST(Topics, TheTopicOfATemplatesTableIsFoundAmongThoseOfATable) {
  const Contract contract = Parse({{"orders_{1}", "'^orders\\.(.*)'"}});
  EXPECT_EQ(TemplateTopic(contract, "orders_eu", {"aaa", "orders.us", "orders.eu"}), "orders.eu");
  EXPECT_EQ(TemplateTopic(contract, "orders_eu", {"aaa"}), "");
  EXPECT_EQ(TemplateTopic(Parse({{"orders_eu", "[aaa]"}}), "orders_eu", {"aaa"}), "") << "no template";
}

TEST(Topics, WhatNamesTellIsReportedWithTheContract) {
  EXPECT_THAT(
      Problem({{"eu", "orders.eu"}, {"orders", "'^orders\\..*'"}}),
      HasSubstr("test:11: table 'orders': the topic 'orders.eu' is that of table 'eu', and matched by the "
                "topics of table 'orders' (^orders\\..*); a topic of one table alone"));
  EXPECT_EQ(Problem({{"eu", "orders.eu"}, {"orders", "'^orders\\.(?!eu$).*'"}}), "");
  EXPECT_THAT(Problem({{"a", "[x, y]"}, {"b", "[z, x]"}}),
              HasSubstr("duplicate topic 'x', also of table 'a'"));
  EXPECT_THAT(Problem({{"{topic}", "[a_b, a_B]"}}),
              HasSubstr("the topic 'a_B' gives table 'a_B', and topic 'a_b' gives table 'a_b'"));
}

struct SelectorCase {
  const char* name;
  const char* table;
  const char* topics;
  const char* message;
};
void PrintTo(const SelectorCase& c, std::ostream* out) {
  *out << c.name;
}

class SelectorDiagnosticTest : public testing::TestWithParam<SelectorCase> {};

TEST_P(SelectorDiagnosticTest, IsOneSentence) {
  const std::string problem = Problem({{GetParam().table, GetParam().topics}});
  EXPECT_THAT(problem, HasSubstr(GetParam().message));
  EXPECT_EQ(problem.find('\n'), std::string::npos) << problem;
}

INSTANTIATE_TEST_SUITE_P(
    Selectors, SelectorDiagnosticTest,
    testing::Values(
        SelectorCase{"Empty", "t", "[]",
                     "kafka.topic is an empty list; a text, or a list of texts, was expected"},
        SelectorCase{"NotText", "t", "[a, {b: c}]", "kafka.topic has a map"},
        SelectorCase{"BadName", "t", "[a, 'b c']", "the topic's name 'b c' contains a space"},
        SelectorCase{"Twice", "t", "[a, b, a]", "kafka.topic has 'a' twice; each topic was expected once"},
        SelectorCase{"BadPattern", "t", "'^orders('",
                     "the pattern '^orders(' does not compile: missing closing"},
        SelectorCase{"NoGroup", "t_{2}", "'^a(b)'",
                     "{2} in the table's name stands for a group that the pattern"},
        SelectorCase{"Misspelled", "t_{Topic}", "'^a(b)'", "the name 't_{Topic}' has no placeholder"},
        SelectorCase{"GroupZero", "t_{0}", "'^a(b)'", "{0} in the table's name stands for a group"},
        SelectorCase{"GroupOfName", "t_{1}", "a",
                     "{1} in the table's name stands for a group that the topic 'a'"}),
    [](const auto& info) { return info.param.name; });

TEST(Topics, ATemplateOfOneNameIsOneTable) {
  EXPECT_THAT(Texts(SelectTopics(Parse({{"t_{topic}", "a"}}).tables, {})), ElementsAre("a>t_a"));
}

TEST(Topics, NothingIsSelectedOfOtherNames) {
  EXPECT_THAT(Texts(SelectTopics(Parse({{"a", "'^x'"}}).tables, {"xx", "y", ""})), IsEmpty());
}

}  // namespace
}  // namespace forebay
