#include "external/batch_decoder.h"

#include <arrow/compute/cast.h>
#include <gtest/gtest.h>

#include "decode/schema.h"
#include "external/testing.h"

namespace forebay {
namespace {

using testing::DecodeRecords;
using testing::kKafkaMs;
using testing::MakeContract;
using testing::MakeField;
using testing::MakeRecords;
using testing::MakeTable;
using testing::Text;
using testing::Value;

std::shared_ptr<const Contract> Things() {
  Field kind = MakeField("kind", FieldType::kString);
  kind.enum_values = {"one", "two"};
  Field item = MakeField("element", FieldType::kObject);
  item.fields = {MakeField("sku", FieldType::kString, true), kind};
  Field items = MakeField("items", FieldType::kArray);
  items.fields = {item};
  return MakeContract(MakeTable({MakeField("price", FieldType::kDecimal), kind, items}));
}

TEST(BatchDecoderTest, EveryRecordIsARowOrRefusedOrATombstone) {
  const DecodedBatch decoded = DecodeRecords(
      Things(), {{.offset = 1, .value = Value(1, 30, R"("price":1.5,"kind":"two","more":1)")},
                 {.offset = 2, .value = "{"},
                 {.offset = 3, .value = std::nullopt},
                 {.partition = 1, .offset = 9, .value = Value(9, 29), .timestamp_ms = std::nullopt}});
  EXPECT_TRUE(decoded.rows->schema()->Equals(*DecodedSchema(Things()->tables.front())));
  EXPECT_EQ(Text(*decoded.rows, "id"), "i1 i9");
  EXPECT_EQ(Text(*decoded.rows, "price"), "1.50 null");
  EXPECT_EQ(Text(*decoded.rows, "kind"), "two null");
  EXPECT_EQ(Text(*decoded.rows, "_extra"), R"({"more":1} null)");
  EXPECT_EQ(Text(*decoded.rows, "_partition"), "date=2025-10-30 date=2025-10-29");
  EXPECT_EQ(Text(*decoded.rows, "_kafka_partition"), "0 1");
  EXPECT_EQ(Text(*decoded.rows, "_kafka_timestamp"), "2025-10-30 12:00:00.000000Z null");
  EXPECT_EQ(Text(*decoded.rejects, "reason"), "not_json");
  EXPECT_EQ(Text(*decoded.rejects, "_kafka_topic"), "things");
  EXPECT_EQ(Text(*decoded.rejects, "contract_version"), "1.2.3");
  EXPECT_EQ(Text(*decoded.tombstones, "_kafka_offset"), "3");
}

TEST(BatchDecoderTest, GivesNoDictionariesAway) {
  std::vector<testing::TestRecord> records;
  for (int64_t i = 0; i < 3000; ++i)
    records.push_back(
        {.offset = i, .value = Value(7, 30, R"("kind":"one","items":[{"sku":"a","kind":"two"}])")});
  const DecodedBatch decoded = DecodeRecords(Things(), records);
  for (const auto& column : decoded.rows->columns())
    EXPECT_EQ(column->type()->ToString().find("dictionary"), std::string::npos);
  EXPECT_TRUE(decoded.rows->schema()->Equals(*DecodedSchema(Things()->tables.front())));
}

TEST(BatchDecoderTest, BatchesOutliveTheDecoderAndOneAnother) {
  std::shared_ptr<arrow::RecordBatch> rows;
  {
    auto decoder = BatchDecoder::Create(Things(), "things", "");
    ASSERT_TRUE(decoder.ok());
    auto first = (*decoder)->Decode(*MakeRecords({{.offset = 1, .value = Value(1)}}), kKafkaMs);
    ASSERT_TRUE(first.ok());
    rows = first->rows;
    ASSERT_TRUE((*decoder)->Decode(*MakeRecords({{.offset = 2, .value = Value(2)}}), kKafkaMs).ok());
  }
  EXPECT_TRUE(rows->ValidateFull().ok());
  EXPECT_EQ(Text(*rows, "id"), "i1");
}

TEST(BatchDecoderTest, TalliesWhatItDecoded) {
  const DecodedBatch decoded =
      DecodeRecords(Things(), {{.offset = 1, .value = Value(1)},
                               {.offset = 2, .value = "{", .timestamp_ms = kKafkaMs + 5},
                               {.offset = 4, .value = std::nullopt, .timestamp_ms = -1},
                               {.partition = 3, .offset = 0, .value = Value(0, 29)}});
  const TopicStats& stats = decoded.stats.stats;
  ASSERT_EQ(stats.size(), 2u);
  const PartitionStats& zero = stats.at({"", PartitionId(0)});
  EXPECT_EQ(zero.rows.records, 1);
  EXPECT_EQ(zero.quarantined.records, 1);
  EXPECT_EQ(zero.tombstones.records, 1);
  EXPECT_EQ(zero.reasons.at("not_json"), 1);
  EXPECT_EQ(zero.first_offset, 1);
  EXPECT_EQ(zero.last_offset, 4);
  EXPECT_EQ(zero.last_kafka_timestamp_ms, kKafkaMs + 5);
  EXPECT_EQ(zero.max_event_time_us, kKafkaMs * 1000);
  EXPECT_EQ(stats.at({"", PartitionId(3)}).max_event_time_us, (kKafkaMs - 86'400'000) * 1000);
}

TEST(BatchDecoderTest, TakesTimestampsOfAnyUnitAndTextAsBytes) {
  const auto records = MakeRecords({{.offset = 1, .value = Value(1)}});
  auto decoder = BatchDecoder::Create(Things(), "things", "");
  ASSERT_TRUE(decoder.ok());
  for (const auto unit : {arrow::TimeUnit::SECOND, arrow::TimeUnit::MICRO, arrow::TimeUnit::NANO}) {
    const auto cast =
        arrow::compute::Cast(*records->GetColumnByName("timestamp"), arrow::timestamp(unit, "Asia/Tokyo"));
    auto other = testing::WithColumn(records, "timestamp", *cast);
    other = testing::WithColumn(
        other, "value", *arrow::compute::Cast(*records->GetColumnByName("value"), arrow::large_utf8()));
    const auto decoded = (*decoder)->Decode(*other, kKafkaMs);
    ASSERT_TRUE(decoded.ok()) << decoded.error().message();
    EXPECT_EQ(Text(*decoded->rows, "_kafka_timestamp"), "2025-10-30 12:00:00.000000Z");
  }
}

TEST(BatchDecoderTest, RefusesBatchesThatAreNoRecords) {
  auto decoder = BatchDecoder::Create(Things(), "things", "");
  ASSERT_TRUE(decoder.ok());
  const auto records = MakeRecords({{.offset = 1, .value = Value(1)}});
  const auto refused = [&](const std::shared_ptr<arrow::RecordBatch>& batch) {
    const auto decoded = (*decoder)->Decode(*batch, kKafkaMs);
    return decoded.ok() ? "" : decoded.error().message();
  };
  EXPECT_NE(refused(*records->RemoveColumn(1)).find("no column 'offset'"), std::string::npos);
  EXPECT_NE(
      refused(testing::WithColumn(records, "offset", arrow::MakeArrayOfNull(arrow::int64(), 1).ValueOrDie()))
          .find("offset holds a null"),
      std::string::npos);
  EXPECT_NE(refused(testing::WithColumn(records, "timestamp", records->GetColumnByName("key")))
                .find("milliseconds"),
            std::string::npos);
  EXPECT_NE(
      refused(testing::WithColumn(records, "partition", records->GetColumnByName("offset"))).find("int32"),
      std::string::npos);
  EXPECT_FALSE(BatchDecoder::Create(Things(), "nothing", "").ok());
}

TEST(BatchDecoderTest, ABatchThatIsTooLargeIsRefused) {
  const std::string megabyte(1 << 20, 'x');
  arrow::BinaryBuilder value;
  for (int i = 0; i < 1025; ++i) ASSERT_TRUE(value.Append(megabyte).ok());
  std::vector<testing::TestRecord> records(1025);
  auto decoder = BatchDecoder::Create(Things(), "things", "");
  const auto decoded =
      (*decoder)->Decode(*testing::WithColumn(MakeRecords(records), "value", *value.Finish()), kKafkaMs);
  ASSERT_FALSE(decoded.ok());
  EXPECT_NE(decoded.error().message().find("in slices"), std::string::npos);
}

}  // namespace
}  // namespace forebay
