#include "read/key_hasher.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <gmock/gmock.h>

#include "base/time.h"
#include "decode/record_decoder.h"
#include "decode/schema.h"

namespace forebay {
namespace {

Field FieldOf(const std::string& name, FieldType type) {
  Field field;
  field.name = field.column = name;
  field.type = type;
  field.precision = 12;
  field.scale = 2;
  return field;
}

// A table whose primary key consists of all its fields, in this order.
Table TableOf(std::vector<Field> fields) {
  Table table;
  table.name = "t";
  for (size_t i = 0; i < fields.size(); ++i) table.primary_key.push_back({i});
  table.fields = std::move(fields);
  return table;
}

template <typename Builder, typename T>
std::shared_ptr<arrow::Array> ArrayOf(std::vector<std::optional<T>> values, Builder builder = Builder()) {
  for (const auto& value : values) {
    EXPECT_TRUE((value ? builder.Append(*value) : builder.AppendNull()).ok());
  }
  return *builder.Finish();
}

std::vector<uint64_t> Hashes(const Table& table, const arrow::ArrayVector& columns,
                             const std::string& dir = "x=1") {
  Result<KeyHasher> hasher = KeyHasher::Make(table, dir);
  EXPECT_TRUE(hasher.ok()) << hasher.error().message();
  arrow::FieldVector fields;
  for (size_t i = 0; i < columns.size(); ++i)
    fields.push_back(arrow::field(std::to_string(i), columns[i]->type()));
  const auto batch = arrow::RecordBatch::Make(arrow::schema(fields), columns.front()->length(), columns);
  std::vector<uint64_t> hashes;
  const Status status = hasher->Hash(*batch, 0, &hashes);
  EXPECT_TRUE(status.ok()) << status.error().message();
  return hashes;
}

TEST(KeyHasher, HashesEachTypeAsTheDecoderDoes) {
  RowHasher text;
  text.AddBytes("caf\xc3\xa9");
  RowHasher integer;
  integer.AddInt64(-7);
  RowHasher number;
  number.AddDouble(2.5);
  RowHasher yes;
  yes.AddInt64(1);
  RowHasher decimal;
  decimal.AddInt128(-1250);
  RowHasher null;
  null.AddNull();
  const auto only = [](FieldType type) { return TableOf({FieldOf("k", type)}); };
  EXPECT_EQ(
      Hashes(only(FieldType::kString), {ArrayOf<arrow::StringBuilder, std::string>({"caf\xc3\xa9", {}})}),
      (std::vector{text.Finish(), null.Finish()}));
  EXPECT_EQ(Hashes(only(FieldType::kInteger), {ArrayOf<arrow::Int64Builder, int64_t>({-7, {}})}),
            (std::vector{integer.Finish(), null.Finish()}));
  EXPECT_EQ(Hashes(only(FieldType::kInteger), {ArrayOf<arrow::Int32Builder, int32_t>({-7})}),
            std::vector{integer.Finish()});
  EXPECT_EQ(Hashes(only(FieldType::kDate), {ArrayOf<arrow::Date32Builder, int32_t>({-7})}),
            std::vector{integer.Finish()});
  EXPECT_EQ(Hashes(only(FieldType::kTimestamp),
                   {ArrayOf<arrow::TimestampBuilder, int64_t>(
                       {-7}, arrow::TimestampBuilder(arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"),
                                                     arrow::default_memory_pool()))}),
            std::vector{integer.Finish()});
  EXPECT_EQ(Hashes(only(FieldType::kNumber), {ArrayOf<arrow::DoubleBuilder, double>({2.5})}),
            std::vector{number.Finish()});
  EXPECT_EQ(Hashes(only(FieldType::kBoolean), {ArrayOf<arrow::BooleanBuilder, bool>({true})}),
            std::vector{yes.Finish()});
  EXPECT_EQ(Hashes(only(FieldType::kDecimal),
                   {ArrayOf<arrow::Decimal128Builder, arrow::Decimal128>(
                       {arrow::Decimal128(-1250)}, arrow::Decimal128Builder(arrow::decimal128(12, 2)))}),
            std::vector{decimal.Finish()});
  EXPECT_EQ(Hashes(only(FieldType::kString),
                   {ArrayOf<arrow::StringDictionaryBuilder, std::string>({"a", "caf\xc3\xa9", {}})})
                .back(),
            null.Finish());
  EXPECT_EQ(Hashes(only(FieldType::kString),
                   {ArrayOf<arrow::StringDictionaryBuilder, std::string>({"a", "caf\xc3\xa9"})})[1],
            text.Finish());
}

TEST(KeyHasher, ReadsPartitionColumnsFromThePath) {
  Table table = TableOf({FieldOf("day", FieldType::kDate), FieldOf("id", FieldType::kString),
                         FieldOf("city", FieldType::kString), FieldOf("n", FieldType::kInteger),
                         FieldOf("flag", FieldType::kBoolean)});
  for (const size_t field : {2, 0, 3, 4}) {
    table.dimensions.push_back({table.fields[field].name, PartitionTransform::kIdentity, {field}});
  }
  RowHasher expected;
  expected.AddInt64(*ParseDate("2025-11-01"));
  expected.AddBytes("a");
  expected.AddBytes("New York");
  expected.AddInt64(-3);
  expected.AddInt64(0);
  const std::string dir = "city=New%20York/day=2025-11-01/n=-3/flag=false";
  EXPECT_EQ(Hashes(table, {ArrayOf<arrow::StringBuilder, std::string>({"a"})}, dir),
            std::vector{expected.Finish()});
  RowHasher with_null;
  with_null.AddInt64(*ParseDate("2025-11-01"));
  with_null.AddBytes("a");
  with_null.AddNull();
  with_null.AddInt64(-3);
  with_null.AddInt64(0);
  EXPECT_EQ(Hashes(table, {ArrayOf<arrow::StringBuilder, std::string>({"a"})},
                   "city=__HIVE_DEFAULT_PARTITION__/day=2025-11-01/n=-3/flag=false"),
            std::vector{with_null.Finish()});
  for (const char* const bad :
       {"city=x", "city=New%20York/day=2025-11-1/n=-3/flag=false", "city=a/day=2025-11-01/n=x/flag=true"}) {
    EXPECT_FALSE(KeyHasher::Make(table, bad).ok()) << bad;
  }
}

TEST(KeyHasher, ReadsNestedPartsWithTheNullsAroundThem) {
  Field outer = FieldOf("outer", FieldType::kObject);
  outer.fields = {FieldOf("city", FieldType::kString), FieldOf("id", FieldType::kInteger)};
  Table table = TableOf({outer});
  table.primary_key = {{0, 1}, {0, 0}};
  const auto ids = ArrayOf<arrow::Int64Builder, int64_t>({1, 2});
  const auto cities = ArrayOf<arrow::StringBuilder, std::string>({"a", "b"});
  const auto valid = ArrayOf<arrow::BooleanBuilder, bool>({true, false});
  const std::shared_ptr<arrow::Array> objects = std::make_shared<arrow::StructArray>(
      arrow::struct_({arrow::field("city", arrow::utf8()), arrow::field("id", arrow::int64())}), 2,
      arrow::ArrayVector{cities, ids}, static_cast<const arrow::BooleanArray&>(*valid).values());
  RowHasher present;
  present.AddInt64(1);
  present.AddBytes("a");
  RowHasher absent;
  absent.AddNull();
  absent.AddNull();
  EXPECT_EQ(KeyHasher::Make(table, "x=1")->columns(), std::vector<std::string>{"outer"}) << "once";
  EXPECT_EQ(Hashes(table, {objects}), (std::vector{present.Finish(), absent.Finish()}));
}

TEST(KeyHasher, AgreesWithTheDecoderItself) {
  const Result<Contract> contract =
      ReadContract(std::string(FOREBAY_SOURCE_DIR) + "/contracts/weather.odcs.yaml");
  ASSERT_TRUE(contract.ok()) << contract.error().message();
  const Table& table = contract->tables.front();
  const std::unique_ptr<RecordDecoder> decoder = std::move(*RecordDecoder::Create(table));
  RecordView record;
  record.value =
      R"({"date":"2012-01-02","precipitation":10.9,"temp_max":10.6,"temp_min":2.8,"wind":4.5,"weather":"rain"})";
  ASSERT_EQ(decoder->Decode(record, WallClockMillis()).value(), Outcome::kRow);
  // The whole key is in the path: all rows of the directory share it.
  EXPECT_EQ(Hashes(table, {ArrayOf<arrow::Int64Builder, int64_t>({1, 2})}, "weather=rain/date=2012-01-02"),
            (std::vector{decoder->key_hash(), decoder->key_hash()}));
}

TEST(KeyHasher, RefusesColumnsOfAnotherType) {
  Result<KeyHasher> hasher = KeyHasher::Make(TableOf({FieldOf("k", FieldType::kString)}), "x=1");
  const auto batch = arrow::RecordBatch::Make(arrow::schema({arrow::field("k", arrow::float32())}), 1,
                                              {ArrayOf<arrow::FloatBuilder, float>({1.0f})});
  std::vector<uint64_t> hashes;
  const Status status = hasher->Hash(*batch, 0, &hashes);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), testing::HasSubstr("float"));
}

}  // namespace
}  // namespace forebay
