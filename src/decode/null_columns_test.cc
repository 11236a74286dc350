#include "decode/null_columns.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include <string>

#include "contract/kept_columns.h"
#include "decode/row_block.h"
#include "decode/schema.h"
#include "decode/testing.h"

namespace forebay {
namespace {

using testing::MakeField;
using testing::MakeTable;
using testing::TestDecoder;

Field ObjectOf(const std::string& name, std::vector<Field> members) {
  Field object = MakeField(name, FieldType::kObject);
  object.fields = std::move(members);
  return object;
}

Field ListOf(const std::string& name, Field element) {
  Field list = MakeField(name, FieldType::kArray);
  list.fields = {std::move(element)};
  list.fields[0].name = "element";
  return list;
}

Field MapOf(const std::string& name, Field value) {
  Field map = MakeField(name, FieldType::kMap);
  map.fields = {MakeField("key", FieldType::kString, true), std::move(value)};
  map.fields[1].name = "value";
  return map;
}

const Field kName = MakeField("name", FieldType::kString);
const Field kAge = MakeField("age", FieldType::kInteger);
const Field kTags = ListOf("tags", MakeField("element", FieldType::kString));

// A block of the second table, in files that also have the columns of the first.
std::string RowsText(const Table& earlier, const Table& table, const std::vector<std::string>& members) {
  TestDecoder decoder(table);
  const auto schema = TableSchema(WithKeptColumns(table, {earlier}));
  RowBlock block(decoder.decoder->schema(), schema, BlockStrings::kPlain);
  RowBlock with_dictionaries(decoder.decoder->schema(), schema);
  for (const std::string& text : members) {
    EXPECT_EQ(decoder.VerdictOfMembers(text), "row");
    block.Append(decoder.decoder->row());
    with_dictionaries.Append(decoder.decoder->row());
  }
  for (const auto& array : with_dictionaries.Arrays())
    EXPECT_TRUE(array->ValidateFull().ok()) << array->ValidateFull().message();
  const auto arrays = block.Arrays();
  EXPECT_EQ(arrays.size(), static_cast<size_t>(schema->num_fields()));
  std::string text;
  for (int i = 0; i < schema->num_fields(); ++i) {
    const auto& array = arrays[static_cast<size_t>(i)];
    EXPECT_TRUE(array->ValidateFull().ok()) << schema->field(i)->name() << array->ValidateFull().message();
    EXPECT_EQ(array->length(), static_cast<int64_t>(members.size()));
    const std::string& name = schema->field(i)->name();
    if (name == "at" || name == "id" || name[0] == '_') continue;
    text += text.empty() ? "" : "; ";
    text += name + ":";
    for (int64_t row = 0; row < array->length(); ++row)
      text += " " + (array->IsNull(row) ? "null" : (*array->GetScalar(row))->ToString());
  }
  return text;
}

TEST(NullColumns, OfDroppedFields) {
  EXPECT_EQ(
      RowsText(MakeTable({kName, kTags, ObjectOf("who", {kName})}), MakeTable({kAge}), {R"("age":1)", ""}),
      "name: null null; tags: null null; who: null null; age: 1 null");
}

TEST(NullColumns, OfDroppedMembers) {
  EXPECT_EQ(RowsText(MakeTable({ObjectOf("who", {kName, kAge})}), MakeTable({ObjectOf("who", {kAge})}),
                     {R"("who":{"age":1})", R"("who":null)", R"("who":{})"}),
            "who: {name:string = null, age:int64 = 1} null {name:string = null, age:int64 = null}");
}

TEST(NullColumns, OfDroppedMembersInLists) {
  EXPECT_EQ(
      RowsText(MakeTable({ListOf("lines", ObjectOf("element", {kName, kAge}))}),
               MakeTable({ListOf("lines", ObjectOf("element", {kName}))}),
               {R"("lines":[{"name":"a"},null,{"name":"b"}])", R"("lines":[])", ""}),
      "lines: list<element: struct<name: string, age: int64>>[{name:string = a, age:int64 = null}, null, "
      "{name:string = b, age:int64 = null}] list<element: struct<name: string, age: int64>>[] null");
}

TEST(NullColumns, OfDroppedMembersInMaps) {
  const std::string text =
      RowsText(MakeTable({MapOf("sizes", ObjectOf("value", {kName, kAge}))}),
               MakeTable({MapOf("sizes", ObjectOf("value", {kAge}))}), {R"("sizes":{"s":{"age":3}})", ""});
  EXPECT_NE(text.find("{name:string = null, age:int64 = 3}"), std::string::npos) << text;
}

TEST(NullColumns, BehindASlice) {
  arrow::Int64Builder numbers;
  ASSERT_TRUE(numbers.AppendValues({1, 2, 3}).ok());
  const auto values = numbers.Finish().ValueOrDie();
  const auto objects = arrow::StructArray::Make({values}, {arrow::field("age", arrow::int64())}).ValueOrDie();
  const auto own = arrow::schema({arrow::field("who", objects->type())});
  const auto wanted = arrow::schema({arrow::field(
      "who", arrow::struct_({arrow::field("name", arrow::utf8()), arrow::field("age", arrow::int64())}))});
  const auto filled = AddNullColumns({objects->Slice(1)}, *own, *wanted, 2).front();
  ASSERT_TRUE(filled->ValidateFull().ok()) << filled->ValidateFull().message();
  EXPECT_EQ((*filled->GetScalar(0))->ToString(), "{name:string = null, age:int64 = 2}");
}

TEST(HasColumns, EachWithItsMembers) {
  const auto schema = [](std::vector<Field> fields) { return TableSchema(MakeTable(std::move(fields))); };
  const auto own = schema({ObjectOf("who", {kAge}), ListOf("lines", ObjectOf("element", {kName}))});
  EXPECT_TRUE(HasColumns(*own, *own));
  EXPECT_TRUE(HasColumns(
      *schema({kTags, ObjectOf("who", {kName, kAge}), ListOf("lines", ObjectOf("element", {kAge, kName}))}),
      *own));
  EXPECT_FALSE(HasColumns(*schema({ObjectOf("who", {kAge})}), *own));
  EXPECT_FALSE(
      HasColumns(*schema({ObjectOf("who", {kName}), ListOf("lines", ObjectOf("element", {kName}))}), *own));
  EXPECT_FALSE(HasColumns(
      *schema({ObjectOf("who", {kAge}), ListOf("lines", MakeField("element", FieldType::kString))}), *own));
}

}  // namespace
}  // namespace forebay
