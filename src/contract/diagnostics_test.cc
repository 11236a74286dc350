#include "contract/diagnostics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/names.h"

namespace forebay {
namespace {

TEST(Diagnostics, InLineOrderEachOnce) {
  Diagnostics diagnostics;
  diagnostics.Add(7, "c", "d");
  diagnostics.Add(3, "second", "x");
  diagnostics.Add(3, "first", "x");
  diagnostics.Add(7, "c", "d");
  diagnostics.Add(0, "all", "of it");
  std::vector<std::string> drained;
  for (const Diagnostic& diagnostic : diagnostics.Drain())
    drained.push_back(std::to_string(diagnostic.line) + diagnostic.text);
  EXPECT_THAT(drained, testing::ElementsAre("1all; of it", "3second; x", "3first; x", "7c; d"));
  EXPECT_TRUE(diagnostics.empty());
}

TEST(NearestName, FindsMisspellings) {
  const std::string_view names[] = {"required",     "name",        "logicalType",
                                    "physicalType", "kafka.topic", "eventTime"};
  EXPECT_EQ(NearestName("requird", names), "required");
  EXPECT_EQ(NearestName("reqiured", names), "required") << "neighbours swapped";
  EXPECT_EQ(NearestName("REQUIRED", names), "required");
  EXPECT_EQ(NearestName("logical_type", names), "logicalType");
  EXPECT_EQ(NearestName("kafka-topic", names), "kafka.topic");
  EXPECT_EQ(NearestName("event_time", names), "eventTime");
  EXPECT_EQ(NearestName("nmae", names), "name");
  EXPECT_EQ(NearestName("colour", names), "");
  EXPECT_EQ(NearestName("x", names), "");
  EXPECT_EQ(NearestName("mqtt.topic", names), "");
  EXPECT_EQ(NearestName("kafak.topik", names, 2), "kafka.topic");
  EXPECT_EQ(NearestName("kafka.toppicks", names), "kafka.topic");
  EXPECT_EQ(NearestName("kafka.toppicks", names, 2), "");
  EXPECT_EQ(NearestName("", names), "");
  EXPECT_EQ(NearestName(std::string(1000, 'r'), names), "");
}

TEST(JoinOr, ReadsAsText) {
  EXPECT_EQ(JoinOr(std::vector<std::string_view>{}), "");
  EXPECT_EQ(JoinOr(std::vector<std::string_view>{"a"}), "a");
  EXPECT_EQ(JoinOr(std::vector<std::string_view>{"a", "b"}), "a or b");
  EXPECT_EQ(JoinOr(std::vector<std::string_view>{"a", "b", "c"}), "a, b or c");
}

TEST(Names, TopicNames) {
  EXPECT_EQ(TopicNameProblem("shop.clicks_v2-x"), "");
  EXPECT_NE(TopicNameProblem("a/b"), "");
  EXPECT_NE(TopicNameProblem("."), "");
  EXPECT_EQ(TopicNameProblem(std::string(249, 'a')), "");
  EXPECT_NE(TopicNameProblem(std::string(250, 'a')), "");
}

TEST(Names, TableNames) {
  for (const char* name : {"clicks_2", "2x", "a b", "a-b.c", "Bestellungen für März"}) {
    EXPECT_EQ(NearestTableName(name), name);
  }
  EXPECT_EQ(NearestTableName("_events"), "events");
  EXPECT_EQ(NearestTableName("../events "), "_events");
  EXPECT_EQ(NearestTableName("a/b=c*"), "a_b_c_");
  EXPECT_EQ(NearestTableName("Quarantine"), "Quarantine_");
  EXPECT_EQ(NearestTableName("___"), "table");
  EXPECT_EQ(NearestTableName(std::string(99, 'a') + "ö"), std::string(99, 'a'));
}

TEST(Names, FieldNames) {
  for (const char* name : {"", "a-b", "$a", "@type", "a b", "größe", "1st", "a\"b", "a/b", "a\n"}) {
    EXPECT_EQ(FieldNameProblem(name), "") << name;
  }
  EXPECT_EQ(FieldNameProblem(std::string("a\0b", 3)), "contains a NUL");
  EXPECT_EQ(FieldNameProblem(std::string(1001, 'a')), "has 1001 bytes, more than 1000");
}

}  // namespace
}  // namespace forebay
