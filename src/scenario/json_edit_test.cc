#include "scenario/json_edit.h"

#include <gtest/gtest.h>

namespace forebay {
namespace {

constexpr char kRecord[] = R"({"a":"x","b":{"c":[1,{"d":2}],"e":true},"f":-1.50})";

std::string Without(std::string_view name) {
  std::string record = kRecord;
  RemoveMember(&record, name);
  return record;
}

std::string With(std::string_view name, std::string_view value) {
  std::string record = kRecord;
  SetMember(&record, name, value);
  return record;
}

TEST(JsonEditTest, RemovesMembersAnywhere) {
  EXPECT_EQ(Without("a"), R"({"b":{"c":[1,{"d":2}],"e":true},"f":-1.50})");
  EXPECT_EQ(Without("b"), R"({"a":"x","f":-1.50})");
  EXPECT_EQ(Without("d"), R"({"a":"x","b":{"c":[1,{}],"e":true},"f":-1.50})");
  EXPECT_EQ(Without("e"), R"({"a":"x","b":{"c":[1,{"d":2}]},"f":-1.50})");
  EXPECT_EQ(Without("f"), R"({"a":"x","b":{"c":[1,{"d":2}],"e":true}})");
}

TEST(JsonEditTest, SetsAndAppendsMembers) {
  EXPECT_EQ(With("a", "7"), R"({"a":7,"b":{"c":[1,{"d":2}],"e":true},"f":-1.50})");
  EXPECT_EQ(With("b", "[]"), R"({"a":"x","b":[],"f":-1.50})");
  EXPECT_EQ(With("f", "null"), R"({"a":"x","b":{"c":[1,{"d":2}],"e":true},"f":null})");
  EXPECT_EQ(With("g", "\"y\""), R"({"a":"x","b":{"c":[1,{"d":2}],"e":true},"f":-1.50,"g":"y"})");
  std::string record = kRecord;
  PrependMember(&record, "\"g\":0");
  EXPECT_EQ(record, R"({"g":0,"a":"x","b":{"c":[1,{"d":2}],"e":true},"f":-1.50})");
}

TEST(JsonEditTest, FindsMembersByTheirWholeName) {
  EXPECT_EQ(MemberText(kRecord, "c"), R"("c":[1,{"d":2}])");
  EXPECT_FALSE(HasMember(R"({"unit_price":1})", "price"));
}

}  // namespace
}  // namespace forebay
