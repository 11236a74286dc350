#include "report/reject_groups.h"

#include <gtest/gtest.h>

namespace forebay {
namespace {

RejectedRecord Record(std::string_view field, std::string_view reason, int64_t offset) {
  return {"clicks", reason, field, "a detail", PartitionId(1), Offset(offset), "{\"x\":1}"};
}

TEST(RejectGroups, TheLargestGroupIsFirstAndKeepsItsFirstSamples) {
  RejectGroups groups(2);
  groups.Add(Record("price", "wrong_type", 1));
  for (int64_t offset = 2; offset < 6; ++offset) groups.Add(Record("", "not_json", offset));
  const std::vector<RejectGroup> largest = groups.Largest("clicks");
  ASSERT_EQ(largest.size(), 2u);
  EXPECT_EQ(largest[0].reason, "not_json");
  EXPECT_EQ(largest[0].records, 4u);
  ASSERT_EQ(largest[0].samples.size(), 2u);
  EXPECT_EQ(largest[0].samples[1].offset, Offset(3));
  EXPECT_TRUE(groups.Largest("orders").empty());
  EXPECT_EQ(RejectGroupsText(largest, 2, 1),
            "  not_json: 4 records\n"
            "    partition 1 offset 2: a detail\n"
            "      {\"x\":1}\n"
            "    partition 1 offset 3: a detail\n"
            "      {\"x\":1}\n"
            "  and 1 more kinds\n");
}

TEST(RejectGroups, SamplesOfATableOfSeveralTopicsTellTheTopic) {
  RejectGroups groups;
  RejectedRecord record = Record("price", "wrong_type", 1);
  record.topic = "orders.eu";
  groups.Add(record);
  EXPECT_EQ(RejectGroupsText(groups.Largest(), 0),
            "price, wrong_type: 1 record\n"
            "  orders.eu partition 1 offset 1: a detail\n"
            "    {\"x\":1}\n");
}

TEST(RejectGroups, ARecordOfAFileHasItsLineInsteadOfAnOffset) {
  RejectGroups groups(1);
  RejectedRecord record = Record("price", "wrong_type", 0);
  record.in_file = TextPosition{7, 3};
  groups.Add(record);
  EXPECT_EQ(RejectGroupsText(groups.Largest(), 0),
            "price, wrong_type: 1 record\n  line 7 byte 3: a detail\n    {\"x\":1}\n");
  JsonWriter json;
  WriteRejectGroups(groups.Largest(), json.OpenObject(JsonLayout::kOneLine).Key("groups"));
  EXPECT_EQ(json.Close().text(),
            R"({"groups":[{"table":"clicks","field":"price","reason":"wrong_type","records":1,)"
            R"("samples":[{"line":7,"byte":3,"detail":"a detail","value_preview":"{\"x\":1}"}]}]})");
}

TEST(RejectGroups, ElementsOfAnArrayAreOneField) {
  RejectGroups groups;
  for (const char* field : {"items[0].price", "items[17].price"}) groups.Add(Record(field, "wrong_type", 1));
  ASSERT_EQ(groups.Largest().size(), 1u);
  EXPECT_EQ(groups.Largest()[0].field, "items[].price");
}

TEST(RejectGroups, MemoryIsBoundedWhateverTheFieldsAre) {
  RejectGroups groups;
  for (int i = 0; i < 1000; ++i) groups.Add(Record("field" + std::to_string(i), "wrong_type", i));
  const std::vector<RejectGroup> largest = groups.Largest();
  EXPECT_EQ(largest.size(), RejectGroups::kMaxGroups + 1);
  EXPECT_EQ(largest[0].field, RejectGroups::kOtherFields);
  EXPECT_EQ(largest[0].records, 1000 - RejectGroups::kMaxGroups);
}

}  // namespace
}  // namespace forebay
