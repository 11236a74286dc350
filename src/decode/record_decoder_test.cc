#include "decode/record_decoder.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/row_hash.h"
#include "base/time.h"
#include "decode/testing.h"

namespace forebay {
namespace {

using testing::MakeField;
using testing::MakeRecord;
using testing::MakeTable;
using testing::TestDecoder;

TEST(RecordDecoderTest, DecodesAWholeRecord) {
  TestDecoder decoder({MakeField("price", FieldType::kDecimal), MakeField("count", FieldType::kInteger),
                       MakeField("ratio", FieldType::kNumber), MakeField("ok", FieldType::kBoolean),
                       MakeField("day", FieldType::kDate)});
  ASSERT_EQ(decoder.VerdictOfMembers(R"("price":12.5,"count":7,"ratio":0.25,"ok":true,"day":"2025-10-30")"),
            "row");
  EXPECT_EQ(decoder.slot(0).as_decimal(), 1250);
  EXPECT_EQ(decoder.slot(1).as_int(), 7);
  EXPECT_EQ(decoder.slot(2).as_double(), 0.25);
  EXPECT_EQ(decoder.slot(3).as_int(), 1);
  EXPECT_EQ(FormatDate(static_cast<int32_t>(decoder.slot(4).as_int())), "2025-10-30");
  EXPECT_EQ(decoder.decoder->partitions().directory(decoder.decoder->partition()), "date=2025-10-30");
  EXPECT_EQ(FormatTimestamp(*decoder.decoder->event_time_micros()), "2025-10-30T11:00:00Z");
  RowHasher hasher;
  hasher.AddBytes("a");
  EXPECT_EQ(decoder.decoder->key_hash(), hasher.Finish());
  EXPECT_EQ(decoder.decoder->extra(), "");
}

TEST(RecordDecoderTest, AcceptsMembersInAnyOrderWithoutTracesOfEarlierRecords) {
  TestDecoder decoder(
      {MakeField("x", FieldType::kInteger), MakeField("a_name_longer_than_the_window", FieldType::kString)});
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(decoder.VerdictOf(
                  R"({"x":1,"id":"b","at":"2025-10-30T11:00:00Z","a_name_longer_than_the_window":"y"})"),
              "row");
    EXPECT_EQ(decoder.slot(0).as_int(), 1);
    ASSERT_EQ(decoder.VerdictOf(R"( { "at" : "2025-10-30T11:00:00Z" , "id" : "c" } )"), "row");
    EXPECT_TRUE(decoder.slot(0).is_null());
    EXPECT_TRUE(decoder.slot(1).is_null());
    ASSERT_EQ(decoder.VerdictOf(R"({"\u0061t":"2025-10-30T11:00:00Z","i\u0064":"c","x":null})"), "row");
    EXPECT_TRUE(decoder.slot(0).is_null());
  }
}

TEST(RecordDecoderTest, NullValueIsATombstone) {
  TestDecoder decoder(std::vector<Field>{});
  RecordView record = MakeRecord("");
  EXPECT_EQ(decoder.VerdictOf(""), "not_json");
  record.value.reset();
  EXPECT_EQ(decoder.Decode(record), Outcome::kTombstone);
}

TEST(RecordDecoderTest, ReportsTheByteOfASyntaxError) {
  TestDecoder decoder({MakeField("x", FieldType::kInteger)});
  ASSERT_EQ(decoder.VerdictOf(R"({"x":1} trailing)"), "not_json");
  EXPECT_EQ(decoder.decoder->rejection().detail, "invalid JSON at byte 8");
  ASSERT_EQ(decoder.VerdictOf("\xEF\xBB\xBF{}"), "not_json");
  EXPECT_EQ(decoder.decoder->rejection().detail, "invalid JSON at byte 0: byte order mark");
}

TEST(RecordDecoderTest, RejectsMalformedRecords) {
  TestDecoder decoder({MakeField("x", FieldType::kInteger)});
  EXPECT_EQ(decoder.VerdictOf("nonsense"), "not_json");
  EXPECT_EQ(decoder.VerdictOf("{\"at\":"), "not_json");
  EXPECT_EQ(decoder.VerdictOf(R"({"at":"2025-10-30T11:00:00Z","id":"a"} trailing)"), "not_json");
  EXPECT_EQ(decoder.VerdictOf(R"({"at":"2025-10-30T11:00:00Z","id":"a"}{})"), "not_json");
  EXPECT_EQ(decoder.VerdictOf("[1,2]"), "not_an_object");
  EXPECT_EQ(decoder.VerdictOf("\"text\""), "not_an_object");
  EXPECT_EQ(decoder.VerdictOf("null"), "not_an_object");
  EXPECT_EQ(decoder.VerdictOf("[1,2"), "not_json");
  EXPECT_EQ(decoder.VerdictOfMembers("\"y\":\"\xFF\""), "not_utf8");
  EXPECT_EQ(decoder.VerdictOf("{\"at\":\xFF"), "not_utf8");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("y":"\uD800")"), "not_utf8");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("x":1,"x":1)"), "duplicate_member");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("y":1,"y":1)"), "duplicate_member");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("y":{"z":1,"z":2})"), "duplicate_member");
  // A name counts as a member only once its colon follows.
  EXPECT_EQ(decoder.VerdictOfMembers(R"("x":1,"x"1)"), "not_json");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("y":1,"y"1)"), "not_json");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("y":{"z":1,"z"2})"), "not_json");
  EXPECT_EQ(decoder.VerdictOfMembers("\"y\":" + std::string(63, '[') + std::string(63, ']')), "row");
  EXPECT_EQ(decoder.VerdictOfMembers("\"y\":" + std::string(64, '[') + std::string(64, ']')), "too_deep");
  EXPECT_EQ(decoder.VerdictOfMembers("\"y\":\"" + std::string(1024 * 1024, 'x') + "\""), "too_large");
}

TEST(RecordDecoderTest, ReportsTheFieldAndTheRule) {
  Field price = MakeField("price", FieldType::kDecimal);
  price.minimum = Bound{.exact = 0};
  Field code = MakeField("code", FieldType::kString);
  code.pattern = "^[A-Z]{2}$";
  Field kind = MakeField("kind", FieldType::kString);
  kind.enum_values = {"one", "two"};
  Field name = MakeField("name", FieldType::kString);
  name.min_length = 2;
  name.max_length = 5;
  Field small = MakeField("small", FieldType::kInteger);
  small.bits = 32;
  small.maximum = Bound{.exact = 100, .exclusive = true};
  Field ratio = MakeField("ratio", FieldType::kNumber);
  ratio.maximum = Bound{.number = 1};
  TestDecoder decoder({price, code, kind, name, small, ratio, MakeField("ok", FieldType::kBoolean)});
  EXPECT_EQ(decoder.VerdictOf(R"({"id":"a"})"), "missing_field at");
  EXPECT_EQ(decoder.VerdictOf(R"({"at":null,"id":"a"})"), "missing_field at");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("price":"12.50")"), "wrong_type price");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("price":-0.01)"), "out_of_range price");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("price":1.001)"), "out_of_range price");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("price":10000000000.00)"), "out_of_range price");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("price":9999999999.99)"), "row");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("code":"de")"), "pattern_mismatch code");
  EXPECT_EQ(decoder.VerdictOfMembers("\"code\":\"DE\\n\""), "pattern_mismatch code");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("code":"DE")"), "row");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("kind":"three")"), "not_in_enum kind");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("kind":"")"), "not_in_enum kind");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("kind":"two")"), "row");
  EXPECT_EQ(decoder.slot(2).enum_code(), 1);
  EXPECT_EQ(decoder.VerdictOfMembers(R"("name":"a")"), "bad_length name");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("name":"abcdef")"), "bad_length name");
  EXPECT_EQ(decoder.VerdictOfMembers("\"name\":\"\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\""), "row");
  EXPECT_EQ(decoder.VerdictOfMembers("\"name\":\"\xF0\x9F\x8F\x94\""), "bad_length name");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("small":100)"), "out_of_range small");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("small":-2147483649)"), "out_of_range small");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("small":-2147483648)"), "row");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("ratio":1.0000001)"), "out_of_range ratio");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("ratio":1e400)"), "out_of_range ratio");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("ok":1)"), "wrong_type ok");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("ok":false)"), "row");
}

TEST(RecordDecoderTest, IntegersNeverWrap) {
  TestDecoder decoder({MakeField("n", FieldType::kInteger)});
  const auto value = [&](const std::string& text) -> std::string {
    const std::string verdict = decoder.VerdictOfMembers("\"n\":" + text);
    return verdict == "row" ? std::to_string(decoder.slot(0).as_int()) : verdict;
  };
  EXPECT_EQ(value("5.0"), "5");
  EXPECT_EQ(value("5e2"), "500");
  EXPECT_EQ(value("-0"), "0");
  EXPECT_EQ(value("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(value("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(value("9223372036854775808"), "out_of_range n");
  EXPECT_EQ(value("-9223372036854775809"), "out_of_range n");
  EXPECT_EQ(value("18446744073709551617"), "out_of_range n");
  EXPECT_EQ(value("5.5"), "wrong_type n");
  EXPECT_EQ(value("1e-1"), "wrong_type n");
  EXPECT_EQ(value("1e400"), "out_of_range n");
  EXPECT_EQ(value("1e99999999999999999999"), "out_of_range n");
}

TEST(RecordDecoderTest, ReportsWhichDigitsOfADecimalAreTooMany) {
  Field price = MakeField("price", FieldType::kDecimal);
  Field percent = MakeField("percent", FieldType::kDecimal);
  price.precision = 5;
  percent.precision = 3;
  percent.scale = 0;
  TestDecoder d({price, percent});
  const auto detail = [&](const std::string& members) {
    EXPECT_EQ(d.DecodeMembers(members), Outcome::kReject) << members;
    return d.decoder->rejection().detail;
  };
  EXPECT_EQ(detail(R"("price":1234)"), "'1234' has more than 3 digits before the decimal point");
  EXPECT_EQ(detail(R"("price":1.234)"), "'1.234' has more than 2 digits after the decimal point");
  EXPECT_EQ(detail(R"("percent":1000)"), "'1000' has more than 3 digits");
}

TEST(RecordDecoderTest, SyntaxComesBeforeFields) {
  TestDecoder decoder({MakeField("x", FieldType::kInteger), MakeField("y", FieldType::kInteger)});
  EXPECT_EQ(decoder.VerdictOf(R"({"at":"2025-10-30T11:00:00Z","id":"a","x":"no","y":)"), "not_json");
  EXPECT_EQ(decoder.VerdictOf(R"({"x":"no","x":1})"), "duplicate_member");
  EXPECT_EQ(decoder.VerdictOf(R"({"y":"no","x":"no"})"), "wrong_type y");
  EXPECT_EQ(decoder.VerdictOf(R"({"y":"no"})"), "wrong_type y");
}

TEST(RecordDecoderTest, RejectsImpossibleTimes) {
  Table table = MakeTable({MakeField("day", FieldType::kDate)});
  table.max_behind_ms = 7 * kMillisPerDay;
  TestDecoder decoder(std::move(table));
  const auto at = [&](const std::string& time) {
    return decoder.VerdictOf(R"({"id":"a","at":")" + time + "\"}");
  };
  EXPECT_EQ(at("2025-10-31T12:00:00Z"), "row");
  EXPECT_EQ(at("2025-10-31T12:00:00.000001Z"), "bad_timestamp at");
  EXPECT_EQ(at("9999-01-01T00:00:00Z"), "bad_timestamp at");
  EXPECT_EQ(at("2025-10-23T12:00:00Z"), "row");
  EXPECT_EQ(at("2025-10-23T11:59:59.999999Z"), "bad_timestamp at");
  EXPECT_EQ(at("2025-02-30T00:00:00Z"), "bad_timestamp at");
  EXPECT_EQ(at("../../etc"), "bad_timestamp at");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("day":"2025-2-1")"), "bad_timestamp day");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("day":"2025-02-29")"), "bad_timestamp day");
}

TEST(RecordDecoderTest, ComparesWithNowWithoutAKafkaTimestamp) {
  TestDecoder decoder(std::vector<Field>{});
  RecordView record = MakeRecord(R"({"at":"2025-10-30T11:00:00Z","id":"a"})");
  record.timestamp_ms = -1;
  EXPECT_EQ(decoder.Decode(record, testing::kKafkaMs), Outcome::kRow);
  EXPECT_EQ(decoder.Decode(record, testing::kKafkaMs - 2 * kMillisPerDay), Outcome::kReject);
}

TEST(RecordDecoderTest, KeepsUnknownMembers) {
  Field owner = MakeField("owner", FieldType::kObject);
  owner.fields = {MakeField("name", FieldType::kString)};
  Field parts = MakeField("parts", FieldType::kArray);
  parts.fields = {owner};
  TestDecoder decoder({owner, parts});
  ASSERT_EQ(decoder.VerdictOfMembers(R"("new":{"a":[1, 2]},"\"q":"\u00e9")"), "row");
  EXPECT_EQ(decoder.decoder->extra(), R"({"new":{"a":[1, 2]},"\"q":"\u00e9"})");
  ASSERT_EQ(decoder.VerdictOfMembers(R"("owner":{"x/y~":1},"parts":[{},{"z":true}],"/owner/x~1y~0":2)"),
            "row");
  EXPECT_EQ(decoder.decoder->extra(), R"({"/owner/x~1y~0":1,"/parts/1/z":true,"/~1owner~1x~01y~00":2})");
}

TEST(RecordDecoderTest, DecodesNestedValues) {
  Field item = MakeField("element", FieldType::kObject, true);
  item.fields = {MakeField("sku", FieldType::kString, true), MakeField("n", FieldType::kInteger)};
  Field items = MakeField("items", FieldType::kArray, true);
  items.fields = {item};
  Field tags = MakeField("tags", FieldType::kArray);
  tags.fields = {MakeField("element", FieldType::kString)};
  TestDecoder decoder({items, tags});
  ASSERT_EQ(decoder.VerdictOfMembers(R"("items":[{"sku":"a","n":1},{"sku":"b"}],"tags":["x",null])"), "row");
  const SchemaNode& list = decoder.decoder->schema().root->children[2];
  EXPECT_EQ(decoder.slot(0).count(), 2);
  const SchemaNode& element = list.children[0];
  const RowRun& row = decoder.decoder->row();
  const auto skus = row.Slots(element.children[0].index, row.all());
  const auto counts = row.Slots(element.children[1].index, row.all());
  ASSERT_EQ(skus.size(), 2u);
  EXPECT_EQ(skus[1].as_string(), "b");
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_TRUE(counts[1].is_null());
  EXPECT_EQ(decoder.VerdictOfMembers(R"("items":[{"sku":"a","n":"x"}])"), "wrong_type items[0].n");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("items":[{"sku":"a"},{"n":1}])"), "missing_field items[1].sku");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("items":[null])"), "missing_field items[0]");
  EXPECT_EQ(decoder.VerdictOfMembers(R"("items":{"sku":"a"})"), "wrong_type items");
  EXPECT_EQ(decoder.VerdictOfMembers(""), "missing_field items");
}

TEST(RecordDecoderTest, NamesDirectoriesByParsedValuesOnly) {
  Table table = MakeTable({MakeField("city", FieldType::kString, true)});
  table.dimensions = {{"city", PartitionTransform::kIdentity, {2}}, {"hour", PartitionTransform::kHour, {0}}};
  TestDecoder decoder(std::move(table));
  const auto directory = [&](const std::string& city) -> std::string {
    const std::string verdict = decoder.VerdictOfMembers("\"city\":\"" + city + "\"");
    return verdict == "row" ? decoder.decoder->partitions().directory(decoder.decoder->partition()) : verdict;
  };
  EXPECT_EQ(directory("Oslo"), "city=Oslo/hour=2025-10-30-11");
  EXPECT_EQ(directory("New York"), "city=New%20York/hour=2025-10-30-11");
  EXPECT_EQ(directory("../../etc"), "city=..%2F..%2Fetc/hour=2025-10-30-11");
  EXPECT_EQ(directory(""), "out_of_range city");
  EXPECT_EQ(directory("__HIVE_DEFAULT_PARTITION__"), "out_of_range city");
  EXPECT_EQ(directory(std::string(201, 'x')), "out_of_range city");
  EXPECT_EQ(decoder.decoder->partitions().size(), 3u);
}

TEST(RecordDecoderTest, NamesDirectoriesInTheirTimeZones) {
  Table table = MakeTable({});
  table.dimensions = {{"day", PartitionTransform::kDate, {0}, "America/New_York"},
                      {"hour", PartitionTransform::kHour, {0}, "Asia/Kolkata"},
                      {"utc", PartitionTransform::kDate, {0}}};
  table.max_ahead_ms = INT64_MAX / 1000;
  TestDecoder decoder(std::move(table));
  const auto directory = [&](const std::string& at) -> std::string {
    const std::string verdict = decoder.VerdictOf(R"({"at":")" + at + R"(","id":"a"})");
    return verdict == "row" ? decoder.decoder->partitions().directory(decoder.decoder->partition()) : verdict;
  };
  EXPECT_EQ(directory("2025-10-30T03:59:59.999Z"), "day=2025-10-29/hour=2025-10-30-09/utc=2025-10-30");
  EXPECT_EQ(directory("2025-10-30T04:00:00Z"), "day=2025-10-30/hour=2025-10-30-09/utc=2025-10-30");
  EXPECT_EQ(directory("2025-10-30T18:30:00Z"), "day=2025-10-30/hour=2025-10-31-00/utc=2025-10-30");
  // The days on which the clock is set, and the hour that it shows twice.
  EXPECT_EQ(directory("2025-11-03T04:59:59Z"), "day=2025-11-02/hour=2025-11-03-10/utc=2025-11-03");
  EXPECT_EQ(directory("2025-03-10T03:59:59Z"), "day=2025-03-09/hour=2025-03-10-09/utc=2025-03-10");
  EXPECT_EQ(directory("2025-03-10T04:00:00Z"), "day=2025-03-10/hour=2025-03-10-09/utc=2025-03-10");
  EXPECT_EQ(directory("0000-01-01T00:00:00Z"), "out_of_range at");
  EXPECT_EQ(directory("9999-12-31T23:00:00Z"), "out_of_range at");
  EXPECT_EQ(directory("9999-12-31T18:00:00Z"), "day=9999-12-31/hour=9999-12-31-23/utc=9999-12-31");
}

TEST(RecordDecoderTest, ATimeZoneThatThisMachineDoesNotKnowIsAnError) {
  Table table = MakeTable({});
  table.dimensions[0].time_zone = "Europe/Nowhere";
  const auto decoder = RecordDecoder::Create(table);
  ASSERT_FALSE(decoder.ok());
  EXPECT_EQ(decoder.error().code(), ErrorCode::kFailedPrecondition);
}

// The caller that cuts a batch clears its directories: memory is bounded by the directories of one batch.
TEST(RecordDecoderTest, AcceptsAMillionDistinctPartitionValues) {
  Table table = MakeTable({MakeField("city", FieldType::kString, true)});
  table.dimensions = {{"city", PartitionTransform::kIdentity, {2}}};
  TestDecoder decoder(std::move(table));
  PartitionIndex& directories = decoder.decoder->partitions();
  for (int i = 0; i < 1'000'000; ++i) {
    ASSERT_EQ(decoder.DecodeMembers("\"city\":\"place " + std::to_string(i) + "\""), Outcome::kRow);
    ASSERT_EQ(decoder.decoder->partition(), static_cast<uint32_t>(i % 10'000));
    if (i % 10'000 == 1) {
      ASSERT_EQ(directories.directory(1), "city=place%20" + std::to_string(i));
    }
    if (directories.size() == 10'000) directories.Clear();
  }
}

TEST(RecordDecoderTest, TheContractsExamplesAreValid) {
  const std::string contracts = std::string(FOREBAY_SOURCE_DIR) + "/contracts";
  int examples = 0;
  for (const auto& entry : std::filesystem::directory_iterator(contracts)) {
    if (entry.path().extension() != ".yaml") continue;
    const Result<Contract> contract = ReadContract(entry.path());
    ASSERT_TRUE(contract.ok()) << contract.error().message();
    for (const Table& table : contract->tables) {
      std::ifstream file(contracts + "/examples/" + table.name + ".json");
      ASSERT_TRUE(file.good()) << table.name << " has no example";
      std::stringstream text;
      text << file.rdbuf();
      TestDecoder decoder(table);
      RecordView record = MakeRecord("");
      const std::string value = text.str();
      record.value = value;
      record.timestamp_ms = 4'000'000'000'000;  // later than any example's event time
      EXPECT_EQ(decoder.Verdict(decoder.Decode(record)), "row") << table.name;
      EXPECT_EQ(decoder.decoder->extra(), "") << table.name;
      ++examples;
    }
  }
  EXPECT_GE(examples, 3);
}

}  // namespace
}  // namespace forebay
