#include "decode/row_block.h"

#include <arrow/array.h>
#include <arrow/scalar.h>
#include <gtest/gtest.h>

#include "base/row_hash.h"
#include "decode/schema.h"
#include "decode/testing.h"

namespace forebay {
namespace {

using testing::MakeField;
using testing::MakeRecord;
using testing::TestDecoder;

// A column of the block as text, one line for each row.
std::string ColumnText(const ColumnBlock& block, const std::string& name) {
  const auto array = block.Arrays()[static_cast<size_t>(block.schema()->GetFieldIndex(name))];
  EXPECT_TRUE(array->ValidateFull().ok()) << name << ": " << array->ValidateFull().message();
  std::string text;
  for (int64_t row = 0; row < array->length(); ++row) {
    text += array->IsNull(row) ? "null" : (*array->GetScalar(row))->ToString();
    text += row + 1 < array->length() ? " " : "";
  }
  return text;
}

struct Filled {
  explicit Filled(std::vector<Field> fields)
      : decoder(std::move(fields)), block(decoder.decoder->schema(), TableSchema(decoder.table)) {}

  void Add(const std::string& members) {
    RecordView record = MakeRecord("");
    decoder.text = R"({"at":"2025-10-30T11:00:00Z","id":"a")" + (members.empty() ? "" : "," + members) + "}";
    record.value = decoder.text;
    record.offset = Offset(block.rows());
    ASSERT_EQ(decoder.Verdict(decoder.Decode(record, 0)), "row") << members;
    block.Append(decoder.decoder->row());
  }
  TestDecoder decoder;
  RowBlock block;
};

Field MapOf(const std::string& name, const Field& value) {
  Field map = MakeField(name, FieldType::kMap);
  map.fields = {MakeField("key", FieldType::kString, true), value};
  map.fields[1].name = "value";
  return map;
}

TEST(RowBlockTest, HoldsTimesMapsAndAnyJson) {
  Field inner = MakeField("value", FieldType::kObject);
  inner.fields = {MakeField("n", FieldType::kInteger, true), MakeField("any", FieldType::kJson)};
  Filled filled({MakeField("time", FieldType::kTime), MakeField("any", FieldType::kJson),
                 MapOf("sizes", MakeField("value", FieldType::kInteger)), MapOf("parts", inner)});
  filled.Add(
      R"("time":"08:30","any":{"a": [1]},"sizes":{"s":1,"l":null},"parts":{"x":{"n":1,"any":"t"},"y":null})");
  filled.Add(R"("sizes":{},"any":null,"parts":{})");
  filled.Add(R"("time":"23:59:59.5","any":"text","sizes":{"\u0061":3})");
  EXPECT_EQ(ColumnText(filled.block, "time"), "08:30:00.000000 null 23:59:59.500000");
  EXPECT_EQ(ColumnText(filled.block, "any"), R"({"a": [1]} null "text")");
  const auto sizes = std::static_pointer_cast<arrow::MapArray>(
      filled.block.Arrays()[static_cast<size_t>(filled.block.schema()->GetFieldIndex("sizes"))]);
  ASSERT_TRUE(sizes->ValidateFull().ok()) << sizes->ValidateFull().message();
  EXPECT_EQ(sizes->value_length(0), 2);
  EXPECT_EQ(sizes->value_length(1), 0);
  EXPECT_EQ(sizes->value_length(2), 1);
  EXPECT_TRUE(sizes->items()->IsNull(1));
  EXPECT_TRUE(ColumnText(filled.block, "parts").ends_with(" null"));
}

TEST(RowBlockTest, AMapThatBreaksARuleIsRejected) {
  Field sizes = MapOf("sizes", MakeField("value", FieldType::kInteger, true));
  sizes.fields[0].max_length = 2;
  TestDecoder decoder({sizes, MakeField("any", FieldType::kJson, true)});
  EXPECT_EQ(decoder.VerdictOfMembers(R"("any":1,"sizes":{"abc":1})"), "bad_length sizes.abc");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("any":1,"sizes":{"ab":null})"), "missing_field sizes.ab");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("any":1,"sizes":[1])"), "wrong_type sizes");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("any":1,"sizes":{"a":1,"a":2})"), "duplicate_member");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("any":{"a":1,"a":2})"), "duplicate_member");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("any":null)"), "missing_field any");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("any":[{}, {"x":1}],"sizes":{})"), "row");
}

TEST(RowBlockTest, HoldsEveryType) {
  Field kind = MakeField("kind", FieldType::kString);
  kind.enum_values = {"one", "two"};
  Field small = MakeField("small", FieldType::kInteger);
  small.bits = 32;
  Filled filled({MakeField("price", FieldType::kDecimal), MakeField("n", FieldType::kInteger), small, kind,
                 MakeField("r", FieldType::kNumber), MakeField("ok", FieldType::kBoolean),
                 MakeField("day", FieldType::kDate), MakeField("name", FieldType::kString)});
  filled.Add(
      R"("price":1.5,"n":1,"small":2,"kind":"two","r":0.5,"ok":true,"day":"2025-10-30","name":"x","more":1)");
  filled.Add("");
  filled.Add(R"("price":-2,"n":-1,"small":-2,"kind":"one","r":-1e3,"ok":false,"day":"1969-12-31","name":"")");
  EXPECT_EQ(ColumnText(filled.block, "price"), "1.50 null -2.00");
  EXPECT_EQ(ColumnText(filled.block, "n"), "1 null -1");
  EXPECT_EQ(ColumnText(filled.block, "small"), "2 null -2");
  EXPECT_EQ(ColumnText(filled.block, "r"), "0.5 null -1000");
  EXPECT_EQ(ColumnText(filled.block, "ok"), "true null false");
  EXPECT_EQ(ColumnText(filled.block, "day"), "2025-10-30 null 1969-12-31");
  EXPECT_EQ(ColumnText(filled.block, "_kafka_offset"), "0 1 2");
  EXPECT_EQ(ColumnText(filled.block, "_kafka_partition"), "3 3 3");
  EXPECT_EQ(filled.block.totals().rows, 3);
  uint64_t sum = 0;
  for (int64_t i = 0; i < 3; ++i) sum += HashPosition(PartitionId(3), Offset(i));
  EXPECT_EQ(filled.block.totals().position_sum, sum);
}

std::string Decoded(const std::shared_ptr<arrow::Array>& array, int64_t row) {
  if (array->IsNull(row)) return "null";
  if (array->type_id() == arrow::Type::DICTIONARY) {
    const auto& dictionary = static_cast<const arrow::DictionaryArray&>(*array);
    return static_cast<const arrow::StringArray&>(*dictionary.dictionary())
        .GetString(dictionary.GetValueIndex(row));
  }
  return static_cast<const arrow::StringArray&>(*array).GetString(row);
}

// Arrow may compute Parquet's statistics from the whole dictionary.
TEST(RowBlockTest, AnEnumsDictionaryHoldsTheValuesThatOccur) {
  Field kind = MakeField("kind", FieldType::kString);
  kind.enum_values = {"zero", "one", "two", "three"};
  Filled filled({kind});
  const auto check = [&](const std::vector<std::string>& rows, const std::string& dictionary) {
    const auto array = filled.block.Arrays()[2];
    ASSERT_TRUE(array->ValidateFull().ok()) << array->ValidateFull().message();
    ASSERT_EQ(static_cast<size_t>(array->length()), rows.size());
    for (size_t row = 0; row < rows.size(); ++row)
      EXPECT_EQ(Decoded(array, static_cast<int64_t>(row)), rows[row]);
    EXPECT_EQ(static_cast<const arrow::DictionaryArray&>(*array).dictionary()->ToString(), dictionary);
  };
  filled.Add("");
  check({"null"}, "[]");
  for (const char* member : {R"("kind":"three")", "", R"("kind":"one")"}) filled.Add(member);
  check({"null", "three", "null", "one"}, "[\n  \"one\",\n  \"three\"\n]");
  for (const char* member : {R"("kind":"zero")", R"("kind":"two")"}) filled.Add(member);
  check({"null", "three", "null", "one", "zero", "two"},
        "[\n  \"zero\",\n  \"one\",\n  \"two\",\n  \"three\"\n]");
}

TEST(RowBlockTest, AbandonsTheDictionaryWhereValuesDoNotRepeat) {
  Filled filled({MakeField("often", FieldType::kString), MakeField("seldom", FieldType::kString)});
  const auto often = [](int i) { return "value-" + std::to_string(i % 7); };
  const auto seldom = [](int i) { return i % 5 == 0 ? std::string("null") : "value-" + std::to_string(i); };
  for (int round = 0; round < 2; ++round) {
    filled.block.Clear();
    for (int i = 0; i < 3000; ++i) {
      filled.Add("\"often\":\"" + often(i) + "\"" + (i % 5 == 0 ? "" : ",\"seldom\":\"" + seldom(i) + "\""));
    }
    const auto arrays = filled.block.Arrays();
    EXPECT_EQ(arrays[2]->type_id(), arrow::Type::DICTIONARY);
    EXPECT_EQ(arrays[3]->type_id(), arrow::Type::STRING);
    EXPECT_EQ(arrays[1]->type_id(), arrow::Type::STRING);  // the primary key
    for (const auto& array : arrays) ASSERT_TRUE(array->ValidateFull().ok());
    for (int i = 0; i < 3000; ++i) {
      ASSERT_EQ(Decoded(arrays[2], i), often(i));
      ASSERT_EQ(Decoded(arrays[3], i), seldom(i));
    }
  }
}

TEST(RowBlockTest, HoldsNestedValues) {
  Field item = MakeField("element", FieldType::kObject);
  item.fields = {MakeField("sku", FieldType::kString, true), MakeField("n", FieldType::kInteger)};
  Field items = MakeField("items", FieldType::kArray);
  items.fields = {item};
  Field owner = MakeField("owner", FieldType::kObject);
  owner.fields = {MakeField("name", FieldType::kString, true), items};
  Filled filled({owner, items});
  filled.Add(R"("owner":{"name":"x","items":[{"sku":"a","n":1},null]},"items":[{"sku":"b"}])");
  filled.Add("");
  filled.Add(R"("owner":{"name":"y"},"items":[])");
  const auto arrays = filled.block.Arrays();
  for (const auto& array : arrays) ASSERT_TRUE(array->ValidateFull().ok()) << array->ValidateFull().message();
  EXPECT_TRUE(arrays[2]->IsNull(1));
  EXPECT_TRUE(arrays[3]->IsNull(1));
  const auto& list = static_cast<const arrow::ListArray&>(*arrays[3]);
  EXPECT_EQ(list.value_length(0), 1);
  EXPECT_EQ(list.value_length(2), 0);
  const auto& structs = static_cast<const arrow::StructArray&>(*arrays[2]);
  const auto inner = std::static_pointer_cast<arrow::ListArray>(structs.field(1));
  EXPECT_EQ(inner->value_length(0), 2);
  EXPECT_TRUE(inner->IsNull(2));
  EXPECT_EQ(Decoded(structs.field(0), 2), "y");
}

// Where an object is absent, the columns of its required members must not hold nulls. They must not be
// dictionaries either: Parquet's statistics would not count the absent values.
TEST(RowBlockTest, ARequiredMemberHasNoNullsWhereItsObjectIsAbsent) {
  Field kind = MakeField("kind", FieldType::kString, true);
  kind.enum_values = {"one", "two"};
  Field tags = MakeField("tags", FieldType::kArray, true);
  tags.fields = {MakeField("element", FieldType::kString, true)};
  Field inner = MakeField("inner", FieldType::kObject, true);
  inner.fields = {MakeField("n", FieldType::kInteger, true), MakeField("m", FieldType::kInteger)};
  Field party = MakeField("party", FieldType::kObject);
  party.fields = {MakeField("name", FieldType::kString, true),
                  MakeField("price", FieldType::kDecimal, true),
                  MakeField("r", FieldType::kNumber, true),
                  MakeField("ok", FieldType::kBoolean, true),
                  MakeField("day", FieldType::kDate, true),
                  kind,
                  tags,
                  inner};
  Field element = party;
  element.name = "element";
  Field parties = MakeField("parties", FieldType::kArray);
  parties.fields = {element};
  Filled filled({party, parties});
  const std::string whole =
      R"({"name":"x","price":1,"r":1,"ok":true,"day":"2025-10-30","kind":"two","tags":["a"],"inner":{"n":1}})";
  filled.Add("");
  filled.Add("\"party\":" + whole + ",\"parties\":[null," + whole + "]");
  filled.Add("\"party\":null,\"parties\":[null]");
  const auto arrays = filled.block.Arrays();
  for (const auto& array : arrays) ASSERT_TRUE(array->ValidateFull().ok()) << array->ValidateFull().message();
  const auto check = [](const arrow::Array& array, int64_t nulls) {
    const auto& structs = static_cast<const arrow::StructArray&>(array);
    EXPECT_EQ(structs.null_count(), nulls);
    for (int i = 0; i < structs.num_fields(); ++i) {
      EXPECT_EQ(structs.field(i)->null_count(), 0) << structs.type()->field(i)->name();
      EXPECT_NE(structs.field(i)->type_id(), arrow::Type::DICTIONARY) << structs.type()->field(i)->name();
    }
    const auto& below = static_cast<const arrow::StructArray&>(*structs.GetFieldByName("inner"));
    EXPECT_EQ(below.GetFieldByName("n")->null_count(), 0);
    EXPECT_EQ(below.GetFieldByName("m")->null_count(), structs.length());
  };
  check(*arrays[2], 2);
  check(*static_cast<const arrow::ListArray&>(*arrays[3]).values(), 2);
}

TEST(RowBlockTest, KeepsIdentityPartitionFieldsInThePathOnly) {
  Table table = testing::MakeTable({MakeField("city", FieldType::kString, true)});
  table.dimensions.push_back({"city", PartitionTransform::kIdentity, {2}});
  EXPECT_EQ(TableSchema(table)->GetFieldIndex("city"), -1);
  TestDecoder decoder(std::move(table));
  RowBlock block(decoder.decoder->schema(), TableSchema(decoder.table));
  EXPECT_EQ(static_cast<size_t>(block.schema()->num_fields()), block.Arrays().size());
}

TEST(QuarantineBlockTest, KeepsEveryByte) {
  QuarantineBlock block(QuarantineSchema());
  const std::string value("\x00\xFF{not json", 11);
  RecordView record = MakeRecord(value);
  block.Append("things", record, {Reason::kNotUtf8, "", "why"}, "1.2.0");
  record.key.reset();
  record.timestamp_ms = -1;
  block.Append("things", record, {Reason::kWrongType, "x", ""}, "1.2.0");
  const auto arrays = block.Arrays();
  for (const auto& array : arrays) ASSERT_TRUE(array->ValidateFull().ok()) << array->ValidateFull().message();
  EXPECT_EQ(static_cast<const arrow::BinaryArray&>(*arrays[5]).GetString(0), value);
  EXPECT_TRUE(arrays[4]->IsNull(1));
  EXPECT_TRUE(arrays[3]->IsNull(1));
  EXPECT_EQ(Decoded(arrays[6], 0), "not_utf8");
  EXPECT_TRUE(arrays[7]->IsNull(0));
  EXPECT_EQ(Decoded(arrays[7], 1), "x");
}

TEST(RowBlockTest, CountsItsMemory) {
  Filled filled({MakeField("name", FieldType::kString)});
  const size_t empty = filled.block.memory_bytes();
  for (int i = 0; i < 2000; ++i) filled.Add("\"name\":\"" + std::string(500, 'x') + std::to_string(i) + "\"");
  const size_t held = filled.block.memory_bytes();
  EXPECT_GT(held, empty + 2000 * 500 * 3 / 4);
  EXPECT_GT(filled.block.filled_bytes(), 2000 * 500 * 3 / 4);
  EXPECT_LE(filled.block.filled_bytes(), held);
  filled.block.Clear();
  EXPECT_EQ(filled.block.rows(), 0);
  EXPECT_EQ(filled.block.filled_bytes(), 0);
  EXPECT_EQ(filled.block.memory_bytes(), held) << "for the rows to come";
}

}  // namespace
}  // namespace forebay
