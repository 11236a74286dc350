#include "contract/kept_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace forebay {
namespace {

Table TableWith(const std::string& properties, const std::string& of_day = "") {
  Result<Contract> contract = ParseContract(
      "apiVersion: v3.2.0\nkind: DataContract\nid: test\nversion: 1.0.0\nschema:\n  - name: events\n"
      "    customProperties: [{property: kafka.topic, value: test.events}]\n    properties:\n"
      "      - {name: day, logicalType: date, required: true, partitioned: true" +
          of_day + "}\n" + properties,
      "test.yaml");
  EXPECT_TRUE(contract.ok()) << (contract.ok() ? "" : contract.error().message());
  return contract->tables.front();
}

// "a, b{c, d}, e[{f}]": the columns, with their members and elements; a '!' behind required ones.
std::string Columns(const std::vector<Field>& fields) {
  std::string text;
  for (const Field& field : fields) {
    text += (text.empty() ? "" : ", ") + field.name + (field.required ? "!" : "");
    if (field.type == FieldType::kObject) text += "{" + Columns(field.fields) + "}";
    if (field.type == FieldType::kArray) text += "[" + Columns(field.fields[0].fields) + "]";
    if (field.type == FieldType::kMap) text += "[" + Columns(field.fields[1].fields) + "]";
  }
  return text;
}

constexpr char kBefore[] = R"yaml(
      - {name: note, logicalType: string, required: true}
      - {name: who, logicalType: object, properties: [{name: name, logicalType: string}, {name: age, logicalType: integer, required: true}]}
      - {name: lines, logicalType: array, items: {logicalType: object, properties: [{name: sku, logicalType: string}, {name: price, logicalType: number}]}}
      - {name: sizes, logicalType: map, map: {key: {logicalType: string}, value: {logicalType: object, properties: [{name: x, logicalType: integer}, {name: y, logicalType: integer}]}}}
)yaml";

TEST(WithKeptColumns, AddsNothingToTheSameTable) {
  const Table table = TableWith(kBefore);
  EXPECT_EQ(Columns(WithKeptColumns(table, {table}).fields), Columns(table.fields));
}

TEST(WithKeptColumns, AddsDroppedFieldsAsOptionalOnes) {
  const Table after = TableWith("      - {name: more, logicalType: string}\n");
  EXPECT_EQ(Columns(WithKeptColumns(after, {TableWith(kBefore)}).fields),
            "day!, note, who{name, age!}, lines[sku, price], sizes[x, y], more");
}

TEST(WithKeptColumns, AddsDroppedMembers) {
  const Table after = TableWith(R"yaml(
      - {name: who, logicalType: object, properties: [{name: city, logicalType: string}, {name: name, logicalType: string}]}
      - {name: lines, logicalType: array, items: {logicalType: object, properties: [{name: price, logicalType: number}]}}
      - {name: sizes, logicalType: map, map: {key: {logicalType: string}, value: {logicalType: object, properties: [{name: x, logicalType: integer}]}}}
)yaml");
  EXPECT_EQ(Columns(WithKeptColumns(after, {TableWith(kBefore)}).fields),
            "day!, note, who{city, name, age}, lines[sku, price], sizes[x, y]");
}

// A column that was widened before it was dropped stays wide.
TEST(WithKeptColumns, TakesTheNewestForm) {
  const Table narrow = TableWith(
      "      - {name: n, logicalType: integer, physicalType: INTEGER}\n"
      "      - {name: oldest, logicalType: string}\n");
  const Table wide = TableWith("      - {name: n, logicalType: integer}\n");
  const Table kept = WithKeptColumns(TableWith("      - {name: a, logicalType: string}\n"), {wide, narrow});
  EXPECT_EQ(Columns(kept.fields), "day!, n, oldest, a");
  EXPECT_EQ(kept.fields[1].bits, 64);
}

// Keys and dimensions are those of the same fields.
TEST(WithKeptColumns, MovesPlaces) {
  const Table before = TableWith("      - {name: first, logicalType: string}\n" + std::string(kBefore + 1));
  const Table after = TableWith(R"yaml(
      - {name: who, logicalType: object, properties: [{name: age, logicalType: integer, primaryKey: true}]}
      - {name: city, logicalType: string, partitioned: true, partitionKeyPosition: 2}
)yaml",
                                ", partitionKeyPosition: 1");
  const Table kept = WithKeptColumns(after, {before});
  EXPECT_EQ(Columns(kept.fields), "day!, first, note, who{name, age}, lines[sku, price], sizes[x, y], city");
  EXPECT_EQ(kept.primary_key, (std::vector<FieldPlace>{{3, 1}}));
  ASSERT_EQ(kept.dimensions.size(), 2u);
  EXPECT_EQ(kept.dimensions[1].source, FieldPlace{6});
  EXPECT_TRUE(kept.InPathOnly(0));
  EXPECT_TRUE(kept.InPathOnly(6));
  EXPECT_FALSE(kept.InPathOnly(1));
}

}  // namespace
}  // namespace forebay
