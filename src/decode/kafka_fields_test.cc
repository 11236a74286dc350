// Fields from a record's key, headers and coordinates, and tombstones as rows.
#include "decode/kafka_fields.h"

#include <gtest/gtest.h>

#include "decode/testing.h"

namespace forebay::testing {
namespace {

Field From(const std::string& name, FieldType type, FieldSource source, std::vector<std::string> path = {},
           bool required = false) {
  Field field = MakeField(name, type, required);
  field.source = source;
  field.source_path = std::move(path);
  return field;
}

// MakeTable's, with fields from elsewhere; without the event time's limits.
Table TableOf(std::vector<Field> fields) {
  Table table = MakeTable(std::move(fields));
  table.max_ahead_ms = INT64_MAX / 2000;
  return table;
}

constexpr char kValue[] = R"({"at":"2025-10-30T12:00:00Z","id":"a","key":"not a member"})";

class KafkaFieldsTest : public ::testing::Test {
 protected:
  // "row", or the violations.
  std::string Decode(TestDecoder& decoder, const RecordView& record) {
    const Result<Outcome> outcome = decoder.decoder->Decode(record, kKafkaMs);
    EXPECT_TRUE(outcome.ok());
    if (*outcome == Outcome::kTombstone) return "tombstone";
    if (*outcome == Outcome::kRow) return "row";
    std::string text;
    for (const Violation& violation : decoder.decoder->rejection().all)
      text += (text.empty() ? "" : "; ") + violation.field + " " + violation.detail;
    return text;
  }
  Slot SlotOf(const TestDecoder& decoder, size_t field) {
    const RowRun& row = decoder.decoder->row();
    return row.Slots(decoder.decoder->schema().root->children[field].index, row.all()).front();
  }
};

TEST_F(KafkaFieldsTest, WholeKeysAndMembersOfKeys) {
  TestDecoder decoder(TableOf({From("key", FieldType::kString, FieldSource::kKey),
                               From("n", FieldType::kInteger, FieldSource::kKey, {"of", "n"})}));
  RecordView record = MakeRecord(kValue);
  record.key = R"({"of": {"x": 1, "n": 7}})";
  ASSERT_EQ(Decode(decoder, record), "row");
  EXPECT_EQ(SlotOf(decoder, 2).as_string(), *record.key);
  EXPECT_EQ(SlotOf(decoder, 3).as_int(), 7);
  EXPECT_EQ(decoder.decoder->extra(), R"({"key":"not a member"})") << "the value's member is another thing";
  for (const char* const absent : {"{}", R"({"of": null})", "null", R"({"of": {}})"}) {
    record.key = absent;
    ASSERT_EQ(Decode(decoder, record), "row") << absent;
    EXPECT_TRUE(SlotOf(decoder, 3).is_null()) << absent;
  }
  record.key.reset();
  ASSERT_EQ(Decode(decoder, record), "row");
  EXPECT_TRUE(SlotOf(decoder, 2).is_null());
}

TEST_F(KafkaFieldsTest, KeysThatDoNotFit) {
  TestDecoder decoder(TableOf({From("n", FieldType::kInteger, FieldSource::kKey, {"n"}, true)}));
  RecordView record = MakeRecord(kValue);
  const std::pair<const char*, const char*> cases[] = {
      {"{", "n the Kafka key '{' is not JSON"},
      {"[1]", "n expected an object in the Kafka key, got an array"},
      {R"({"n": "1"})", "n expected an integer, got a string"},
      {R"({"n": 1, "n": 2})", R"(n the Kafka key '{"n": 1, "n": 2}' is not JSON)"},
      {"\xFF", "n the Kafka key is not UTF-8"},
      {"{}", "n required field is null"}};
  for (const auto& [key, why] : cases) {
    record.key = key;
    EXPECT_EQ(Decode(decoder, record), why);
  }
}

TEST_F(KafkaFieldsTest, TheLastHeaderOfANameCounts) {
  TestDecoder decoder(TableOf({From("trace", FieldType::kString, FieldSource::kHeader, {"trace"}),
                               From("sent", FieldType::kTimestamp, FieldSource::kHeader, {"sent"})}));
  EXPECT_TRUE(decoder.decoder->needs_headers());
  const std::vector<RecordHeader> headers = {
      {"trace", "first"}, {"trace", "last"}, {"sent", "2025-10-30 12:00:01Z"}};
  RecordView record = MakeRecord(kValue);
  record.headers = headers;
  ASSERT_EQ(Decode(decoder, record), "row");
  EXPECT_EQ(SlotOf(decoder, 2).as_string(), "last");
  EXPECT_EQ(SlotOf(decoder, 3).as_int(), (kKafkaMs + 1000) * 1000);
  const std::vector<RecordHeader> others = {
      {"trace", "first"}, {"trace", std::nullopt}, {"sent", "1761825601000"}};
  record.headers = others;
  ASSERT_EQ(Decode(decoder, record), "row");
  EXPECT_TRUE(SlotOf(decoder, 2).is_null());
  EXPECT_EQ(SlotOf(decoder, 3).as_int(), (kKafkaMs + 1000) * 1000) << "an epoch, as in JSON";
}

TEST_F(KafkaFieldsTest, Coordinates) {
  TestDecoder decoder(TableOf({From("partition", FieldType::kInteger, FieldSource::kPartition),
                               From("offset", FieldType::kInteger, FieldSource::kOffset),
                               From("ms", FieldType::kInteger, FieldSource::kTimestamp),
                               From("sent", FieldType::kTimestamp, FieldSource::kTimestamp)}));
  EXPECT_FALSE(decoder.decoder->needs_headers());
  RecordView record = MakeRecord(kValue);
  ASSERT_EQ(Decode(decoder, record), "row");
  EXPECT_EQ(SlotOf(decoder, 2).as_int(), 3);
  EXPECT_EQ(SlotOf(decoder, 3).as_int(), 42);
  EXPECT_EQ(SlotOf(decoder, 4).as_int(), kKafkaMs);
  EXPECT_EQ(SlotOf(decoder, 5).as_int(), kKafkaMs * 1000);
  record.timestamp_ms = -1;
  ASSERT_EQ(Decode(decoder, record), "row");
  EXPECT_TRUE(SlotOf(decoder, 5).is_null()) << "a record without a timestamp";
}

TEST_F(KafkaFieldsTest, TombstonesAreRowsOnRequest) {
  Table table = TableOf({From("key", FieldType::kString, FieldSource::kKey)});
  table.key = FieldPlace{1};  // id
  for (Field& field : table.fields) field.nullable = true;
  RecordView record = MakeRecord("");
  record.value.reset();
  TestDecoder skipping(table);
  EXPECT_EQ(Decode(skipping, record), "tombstone");
  table.tombstones_are_rows = true;
  TestDecoder decoder(table);
  ASSERT_EQ(Decode(decoder, record), "row");
  EXPECT_TRUE(decoder.decoder->row().rows().front().tombstone);
  EXPECT_TRUE(SlotOf(decoder, 0).is_null()) << "a required field of the value";
  EXPECT_EQ(SlotOf(decoder, 1).as_string(), "k") << "the field that is the Kafka key";
  EXPECT_EQ(SlotOf(decoder, 2).as_string(), "k");
  EXPECT_EQ(decoder.decoder->partitions().directory(decoder.decoder->partition()),
            "date=__HIVE_DEFAULT_PARTITION__");
  EXPECT_FALSE(decoder.decoder->event_time_micros());
  ASSERT_EQ(Decode(decoder, MakeRecord(kValue)), "row");
  EXPECT_FALSE(decoder.decoder->row().rows().front().tombstone);
}

TEST_F(KafkaFieldsTest, AllViolationsAreKept) {
  TestDecoder decoder(
      TableOf({MakeField("a", FieldType::kInteger, true), MakeField("b", FieldType::kInteger, true),
               From("n", FieldType::kInteger, FieldSource::kKey)}));
  EXPECT_EQ(Decode(decoder, MakeRecord(R"({"at":"2025-10-30T12:00:00Z","a":"x"})")),
            "a expected an integer, got a string; id required field is absent; b required field is absent; "
            "n the Kafka key 'k' is not JSON");
  EXPECT_EQ(decoder.decoder->rejection().field, "a") << "the first is the reason";
  EXPECT_EQ(Decode(decoder, MakeRecord(R"({"a":"x",)")), " invalid JSON at byte 9")
      << "a malformed record has no fields";
}

}  // namespace
}  // namespace forebay::testing
