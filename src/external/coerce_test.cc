#include "external/coerce.h"

#include <arrow/array.h>
#include <arrow/compute/cast.h>
#include <arrow/json/from_string.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include "external/testing.h"

namespace forebay {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using TypePtr = std::shared_ptr<arrow::DataType>;

ArrayPtr FromJson(const TypePtr& type, const std::string& json) {
  return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
}

// The coerced values as text, or the error message.
std::string Outcome(const ArrayPtr& array, const TypePtr& wanted, bool nullable = true) {
  const auto coerced = Coerce(array, *arrow::field("c", wanted, nullable));
  if (!coerced.ok()) return coerced.error().message();
  EXPECT_TRUE((*coerced)->ValidateFull().ok());
  EXPECT_TRUE((*coerced)->type()->Equals(*wanted));
  return testing::Text(**coerced);
}

TEST(CoerceTest, TakesOtherLayoutsOfStrings) {
  const ArrayPtr plain = FromJson(arrow::utf8(), R"(["a", null, "bc"])");
  for (const TypePtr& type : {arrow::utf8(), arrow::large_utf8(), arrow::utf8_view()}) {
    EXPECT_EQ(Outcome(arrow::compute::Cast(*plain, type).ValueOrDie(), arrow::utf8()), "a null bc");
  }
  const ArrayPtr dictionary =
      FromJson(arrow::dictionary(arrow::int8(), arrow::utf8()), R"(["a", null, "bc", "a"])");
  EXPECT_EQ(Outcome(dictionary, arrow::utf8()), "a null bc a");
  EXPECT_EQ(Outcome(dictionary->Slice(2), arrow::utf8()), "bc a");
}

TEST(CoerceTest, TextIsBytesButBytesAreNotText) {
  EXPECT_EQ(Outcome(FromJson(arrow::utf8(), R"(["a"])"), arrow::binary()), "a");
  EXPECT_EQ(Outcome(FromJson(arrow::binary(), R"(["a"])"), arrow::utf8()),
            "column c is binary; it has to be string");
}

TEST(CoerceTest, TakesAnyTimeZoneOfAnInstant) {
  const auto micros = [](const std::string& zone) { return arrow::timestamp(arrow::TimeUnit::MICRO, zone); };
  EXPECT_EQ(Outcome(FromJson(micros("Europe/Berlin"), "[1000000]"), micros("UTC")),
            "1970-01-01 00:00:01.000000Z");
  EXPECT_EQ(Outcome(FromJson(micros(""), "[1]"), micros("UTC")),
            "column c is timestamp[us]; it has to be timestamp[us, tz=UTC]");
  EXPECT_NE(Outcome(FromJson(arrow::timestamp(arrow::TimeUnit::MILLI, "UTC"), "[1]"), micros("UTC"))
                .find("has to be"),
            std::string::npos);
}

TEST(CoerceTest, TimesMayBeNumbers) {
  const TypePtr time = arrow::time64(arrow::TimeUnit::MICRO);
  EXPECT_EQ(Outcome(FromJson(arrow::int64(), "[0, null, 86399999999]"), time),
            "00:00:00.000000 null 23:59:59.999999");
  for (const char* value : {"[86400000000]", "[-1]"}) {
    EXPECT_NE(Outcome(FromJson(arrow::int64(), value), time).find("not a time of a day"), std::string::npos);
  }
}

TEST(CoerceTest, MapsAreConformedThroughAndThrough) {
  const auto map = [](const TypePtr& key) { return arrow::map(key, arrow::int64()); };
  EXPECT_EQ(Outcome(FromJson(map(arrow::large_utf8()), R"([[["a", 1]], null, []])"), map(arrow::utf8())),
            testing::Text(*FromJson(map(arrow::utf8()), R"([[["a", 1]], null, []])")));
}

TEST(CoerceTest, RefusesOtherTypesAndNulls) {
  EXPECT_EQ(Outcome(FromJson(arrow::int64(), "[1]"), arrow::int32()),
            "column c is int64; it has to be int32");
  EXPECT_EQ(Outcome(FromJson(arrow::int32(), "[1, null]"), arrow::int32(), false),
            "column c holds a null, and it is required");
  EXPECT_EQ(Outcome(FromJson(arrow::int32(), "[1, null]")->Slice(0, 1), arrow::int32(), false), "1");
}

TEST(CoerceTest, ObjectsMayHaveTheirMembersInAnotherOrder) {
  const TypePtr wanted =
      arrow::struct_({arrow::field("a", arrow::utf8(), false), arrow::field("b", arrow::int32())});
  const TypePtr found =
      arrow::struct_({arrow::field("b", arrow::int32()), arrow::field("a", arrow::large_utf8())});
  EXPECT_EQ(Outcome(FromJson(found, R"([{"a":"x","b":1}, null, {"a":"y","b":null}])"), wanted),
            "{a:string = x, b:int32 = 1} null {a:string = y, b:int32 = null}");
  EXPECT_EQ(Outcome(FromJson(found, R"([{"a":null,"b":1}])"), wanted),
            "column c.a holds a null, and it is required");
  EXPECT_NE(Outcome(FromJson(arrow::struct_({arrow::field("a", arrow::utf8())}), R"([{"a":"x"}])"), wanted)
                .find("has to be"),
            std::string::npos);
}

TEST(CoerceTest, ARequiredMemberHasNoNullsWhereItsObjectIsAbsent) {
  const TypePtr wanted =
      arrow::struct_({arrow::field("a", arrow::utf8(), false),
                      arrow::field("o", arrow::struct_({arrow::field("n", arrow::int32(), false)}), false),
                      arrow::field("l", arrow::list(arrow::field("element", arrow::utf8(), false)), false)});
  const TypePtr found =
      arrow::struct_({arrow::field("a", arrow::large_utf8()),
                      arrow::field("o", arrow::struct_({arrow::field("n", arrow::int32())})),
                      arrow::field("l", arrow::list(arrow::utf8()))});
  const ArrayPtr objects = FromJson(found, R"([null, {"a":"x","o":{"n":1},"l":["y"]}, null])");
  for (const ArrayPtr& array : {objects, objects->Slice(1)}) {
    const auto coerced = *Coerce(array, *arrow::field("c", wanted));
    EXPECT_TRUE(coerced->ValidateFull().ok());
    EXPECT_EQ(coerced->null_count(), array->length() - 1);
    const auto& object = static_cast<const arrow::StructArray&>(*coerced);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(object.field(i)->null_count(), 0) << i;
    EXPECT_EQ(static_cast<const arrow::StructArray&>(*object.field(1)).field(0)->null_count(), 0);
  }
}

TEST(CoerceTest, ListsAreConformedThroughAndThrough) {
  const TypePtr wanted =
      arrow::list(arrow::field("element", arrow::struct_({arrow::field("n", arrow::int32(), false)}), false));
  const TypePtr found = arrow::list(arrow::struct_({arrow::field("n", arrow::int32())}));
  const ArrayPtr lists = FromJson(found, R"([[{"n":1},{"n":2}], null, [], [{"n":3}]])");
  EXPECT_EQ(Outcome(lists, wanted).find("column"), std::string::npos);
  EXPECT_TRUE((*Coerce(lists, *arrow::field("c", wanted)))
                  ->Equals(FromJson(wanted, R"([[{"n":1},{"n":2}], null, [], [{"n":3}]])")));
  EXPECT_EQ(Outcome(lists->Slice(1), wanted).find("column"), std::string::npos);
  EXPECT_EQ(Outcome(FromJson(found, R"([[null]])"), wanted), "column c[] holds a null, and it is required");
  EXPECT_EQ(Outcome(FromJson(found, R"([[{"n":null}]])"), wanted),
            "column c[].n holds a null, and it is required");
}

TEST(CoerceTest, ColumnsAreFoundByName) {
  const auto schema = arrow::schema({arrow::field("a", arrow::int32()), arrow::field("b", arrow::int32())});
  const ArrayPtr one = FromJson(arrow::int32(), "[1]");
  const ArrayPtr two = FromJson(arrow::int32(), "[2]");
  const auto batch = [&](const std::vector<std::string>& names) {
    arrow::FieldVector fields;
    std::vector<ArrayPtr> columns;
    for (const std::string& name : names) {
      fields.push_back(arrow::field(name, arrow::int32()));
      columns.push_back(name == "a" ? one : two);
    }
    return arrow::RecordBatch::Make(arrow::schema(fields), 1, columns);
  };
  const auto columns = CoerceColumns(*batch({"b", "x", "a"}), *schema, "the rows");
  ASSERT_TRUE(columns.ok());
  EXPECT_EQ(testing::Text(*columns->at(0)) + testing::Text(*columns->at(1)), "12");
  EXPECT_EQ(CoerceColumns(*batch({"a"}), *schema, "the rows").error().message(), "the rows have no column b");
  EXPECT_EQ(CoerceColumns(*batch({"a", "b", "b"}), *schema, "the rows").error().message(),
            "the rows have more than one column b");
}

}  // namespace
}  // namespace forebay
