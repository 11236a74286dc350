#include "report/json_writer.h"

#include <gtest/gtest.h>

namespace forebay {
namespace {

TEST(JsonWriter, IndentsMembers) {
  JsonWriter json;
  json.OpenObject().Member("a", 1).Member("b", "x\"").Key("c").OpenArray().Value(true).Null().Close();
  json.Key("d").OpenObject().Close().Close();
  EXPECT_EQ(json.text(),
            "{\n  \"a\": 1,\n  \"b\": \"x\\\"\",\n  \"c\": [\n    true,\n    null\n  ],\n  \"d\": {}\n}");
}

TEST(JsonWriter, OneLineHoldsForEverythingInside) {
  JsonWriter json;
  json.OpenObject().Key("runs").OpenArray();
  json.OpenObject(JsonLayout::kOneLine).Member("n", INT64_MIN).Key("of").OpenArray();
  json.OpenArray().Value(0).Value(UINT64_MAX).Close().Close().Key("sum").Hex(255).Close();
  json.OpenArray(JsonLayout::kOneLine).Close().Close().Member("after", std::optional<int>()).Close();
  EXPECT_EQ(json.text(),
            "{\n  \"runs\": [\n    {\"n\":-9223372036854775808,\"of\":[[0,18446744073709551615]],"
            "\"sum\":\"00000000000000ff\"},\n    []\n  ],\n  \"after\": null\n}");
}

}  // namespace
}  // namespace forebay
