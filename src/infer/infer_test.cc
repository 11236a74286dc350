// From a sample to a contract that lands it: see also typing_test.cc and roles_test.cc.
#include "infer/infer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>

#include "base/json_quote.h"
#include "decode/record_decoder.h"
#include "infer/testing.h"

namespace forebay::infer {
namespace {

using ::testing::Contains;
using testing::Given;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MustInfer;
using ::testing::Not;
using testing::OptionsFor;
using testing::SampleOf;
using testing::Values;

std::string FailureOf(const std::vector<Given>& records) {
  const auto inferred = Infer(SampleOf(records), OptionsFor("things"));
  return inferred.ok() ? "no failure" : inferred.error().message();
}

TEST(InferTest, SaysWhatTheSampleIs) {
  InferOptions options = OptionsFor("things");
  options.knows_partitions = options.knows_settings = true;
  options.topic.partitions = 12;
  options.topic.retention_ms = 60'000;
  options.topic.cleanup_policy = "compact,delete";
  const auto outcome = MustInfer(Values({R"({"n":1})", R"({"n":2})"}), options);
  EXPECT_THAT(outcome.yaml, HasSubstr("from 2 records of the test.\n"));
  EXPECT_EQ(outcome.contract.id, "things");
  EXPECT_EQ(outcome.table().name, "things");
  EXPECT_EQ(outcome.table().topic.name, "test.things");
  EXPECT_EQ(outcome.table().topic.partitions, 12);
  EXPECT_EQ(outcome.table().topic.retention_ms, 60'000);
  EXPECT_EQ(outcome.table().topic.cleanup_policy, "compact,delete");
}

TEST(InferTest, ValuesMayBeLeftOut) {
  InferOptions options = OptionsFor("things");
  const auto records = Values({R"({"s":"secret","n":4711})"});
  EXPECT_THAT(MustInfer(records, options).yaml, HasSubstr(R"(examples: ["secret"])"));
  options.typing.values = false;
  const std::string yaml = MustInfer(records, options).yaml;
  EXPECT_EQ(yaml.find("examples"), std::string::npos);
  EXPECT_EQ(yaml.find("secret"), std::string::npos);
  EXPECT_EQ(yaml.find("4711"), std::string::npos);
  EXPECT_EQ(yaml.find("4,711"), std::string::npos);
}

TEST(InferTest, LenientContractsRefuseNothing) {
  InferOptions options = OptionsFor("things");
  options.lenient = true;
  const auto outcome =
      MustInfer(Values({R"({"time":"2025-10-30T11:00:00Z","o":{"n":1},"l":[{"n":1}]})"}), options);
  EXPECT_THAT(outcome.yaml, Not(HasSubstr("required")));
  EXPECT_EQ(outcome.table().DescribePartitioning(), "date = date(time)");
  const auto decoder = RecordDecoder::Create(outcome.table());
  ASSERT_TRUE(decoder.ok());
  for (const std::string value : {"{}", R"({"time":"?","o":[],"l":[{"n":"x"}]})"}) {
    RecordView record;
    record.timestamp_ms = testing::kKafkaMs;
    record.value = value;
    EXPECT_EQ((*decoder)->Decode(record, testing::kKafkaMs).value(), forebay::Outcome::kRow) << value;
  }
}

TEST(InferTest, RecordsThatNoContractLandsAreCountedAndSaid) {
  std::vector<Given> records = Values({R"({"n":1})", "[1]", "{", R"({"n":1,"n":2})", "\xFF"});
  records.push_back({"", std::nullopt, testing::kKafkaMs, true});
  const auto outcome = MustInfer(records);
  EXPECT_THAT(outcome.remarks,
              Contains(HasSubstr("1 record without a value (tombstones): counted, no rows")));
  EXPECT_THAT(
      outcome.remarks,
      Contains("4 records will be in quarantine under any contract (1 not_utf8, 1 not_json, 1 not_an_object, "
               "1 duplicate_member); the first is JSON arrays, or like them"));
  EXPECT_THAT(outcome.yaml, HasSubstr("# - 1 record without a value"));
}

TEST(InferTest, AKeyThatIsNoFieldOfTheValueBecomesOne) {
  const auto whole = MustInfer({{R"({"kafka_key":1})", "a"}, {R"({"kafka_key":2})"}});
  EXPECT_EQ(whole.field("kafka_key_").source, FieldSource::kKey);
  EXPECT_FALSE(whole.field("kafka_key_").required);
  const auto member = MustInfer({{R"({"n":1})", R"({"id":7,"at.x":{"d":"2025-10-30"}})"}});
  EXPECT_EQ(member.field("key_id").type, FieldType::kInteger);
  EXPECT_TRUE(member.field("key_id").required);
  EXPECT_EQ(member.field("key_at.x_d").source_path, (std::vector<std::string>{"at.x", "d"}));
  EXPECT_THAT(member.yaml, HasSubstr("{property: kafka.source, value: \"key/at.x/d\"}"));
  const auto connect = MustInfer({{R"({"n":1})", R"({"schema":{"type":"struct"},"payload":{"id":7}})"}});
  EXPECT_EQ(connect.table().fields.size(), 2u);
  EXPECT_EQ(connect.field("key_payload_id").source_path, (std::vector<std::string>{"payload", "id"}));
  const auto binary = MustInfer({{R"({"n":1})", "\xFF"}});
  EXPECT_EQ(binary.table().fields.size(), 1u);
  EXPECT_THAT(binary.remarks, Contains(HasSubstr("some are not UTF-8")));
  const auto same = MustInfer({{R"({"k":"a"})", "a"}});
  EXPECT_EQ(same.table().fields.size(), 1u);
}

TEST(InferTest, HeadersAreNamed) {
  Sample sample;
  const RecordHeader headers[] = {{"seq", "1"}, {"trace id", std::nullopt}, {"seq", "2"}};
  RecordView record;
  record.timestamp_ms = testing::kKafkaMs;
  record.value = R"({"n":1})";
  ASSERT_TRUE(sample.Add(record));
  record.headers = headers;
  ASSERT_TRUE(sample.Add(record));
  const auto inferred = Infer(sample, OptionsFor("things"));
  ASSERT_TRUE(inferred.ok());
  EXPECT_THAT(
      inferred->yaml,
      HasSubstr("# Headers: seq in 1, trace id in 1; a field with kafka.source: header:NAME lands one.\n"));
}

TEST(InferTest, RecordsOfAnotherFormatAreRefusedWithItsName) {
  using namespace std::string_literals;
  const std::pair<std::string, const char*> kCases[] = {
      {"\0\0\0\0\x2A\x02"s, "in Confluent's wire format (schema id 42, then Avro, Protobuf or JSON)"},
      {"Obj\x01\x04"s, "an Avro object container file"},
      {"\x1F\x8B\x08"s, "compressed with gzip"},
      {"\x08\x96\x01"s, "binary"},
      {"<order/>"s, "XML"},
      {"a;b;c"s, "plain text"},
      {"\"{\\\"a\\\":1}\""s, "JSON strings, perhaps with JSON inside"},
      {"[{\"a\":1}]"s, "JSON arrays, or like them"},
      {"\xEF\xBB\xBF{\"a\":1}"s, "JSON behind a byte order mark"},
      {"{'a':1}"s, "like JSON, but not valid"},
      {""s, "empty"},
  };
  for (const auto& [value, what] : kCases) {
    EXPECT_THAT(
        FailureOf({{value}, {value}}),
        HasSubstr(fmt::format("no record of the test is a JSON object, and others cannot be landed: of 2 "
                              "records, the first is {} (",
                              what)));
  }
}

TEST(InferTest, NothingToInferFrom) {
  EXPECT_EQ(FailureOf({}), "the test has no records, from which a contract could be inferred");
  EXPECT_THAT(FailureOf({{"", "k", testing::kKafkaMs, true}}), HasSubstr("has only tombstones"));
  EXPECT_EQ(FailureOf({{"{}"}}), "the records of the test have no members");
}

TEST(InferTest, ASampleIsLimited) {
  Sample few({.records = 2});
  RecordView record;
  const std::string value = R"({"n":1})";
  record.value = value;
  EXPECT_TRUE(few.Add(record));
  EXPECT_TRUE(few.Add(record));
  EXPECT_FALSE(few.Add(record));
  EXPECT_TRUE(few.limited());
  Sample small({.records = 100, .bytes = 1000});
  while (small.Add(record)) {
  }
  EXPECT_GE(small.records().size(), 2u);
  EXPECT_LE(small.records().size(), 1000 / sizeof(RecordView));
  const auto inferred = Infer(small, OptionsFor("things"));
  ASSERT_TRUE(inferred.ok());
  EXPECT_THAT(inferred->remarks, Contains(HasSubstr("records were looked at: more of the test did not fit")));
}

TEST(InferTest, TablesAreNamedAfterTheirSources) {
  EXPECT_EQ(TableNameFor("shop.clicks"), "shop_clicks");
  EXPECT_EQ(TableNameFor("__a--b."), "a_b");
  EXPECT_EQ(TableNameFor("2nd"), "2nd");
  EXPECT_EQ(TableNameFor("quarantine"), "records");
  EXPECT_EQ(TableNameFor("..."), "records");
}

// Any JSON, of bounded size.
class RandomJson {
 public:
  explicit RandomJson(uint32_t seed) : random_(seed) {}

  std::string Object(int depth) {
    std::string json = "{";
    std::vector<std::string> used;
    for (uint32_t i = 0, size = Below(6); i < size; ++i) {
      const std::string name = Name();
      if (std::find(used.begin(), used.end(), name) != used.end()) continue;
      json += (used.empty() ? "" : ",") + QuoteJson(name) + ":" + Value(depth + 1);
      used.push_back(name);
    }
    return json + "}";
  }

 private:
  uint32_t Below(uint32_t end) { return static_cast<uint32_t>(random_() % end); }

  std::string Name() {
    static const std::string kNames[] = {"id",   "time", "created_at", "n",   "price",  "",
                                         "a.b",  "$x",   "ID",         "_id", "_extra", "_kafka_offset",
                                         "date", "ts",   "name",       "ü",   "0",      "00ff00ff1"};
    if (Below(8) == 0) return std::to_string(Below(100'000));
    return kNames[Below(std::size(kNames))];
  }

  std::string Text() {
    static const std::string kTexts[] = {"",
                                         "x",
                                         "2025-10-30",
                                         "2025-10-30T11:00:00Z",
                                         "08:30",
                                         "2025-10-30 11:00",
                                         "12.5",
                                         "true",
                                         "1761847451",
                                         "\n\"\\",
                                         "3f2504e0-4f89-41d3-9a0c-0305e82c3301"};
    return QuoteJson(kTexts[Below(std::size(kTexts))]);
  }

  std::string Number() {
    static const std::string kNumbers[] = {"0",
                                           "-1",
                                           "5.0",
                                           "1.50",
                                           "1e5",
                                           "1e400",
                                           "-0",
                                           "7000",
                                           "1761847451",
                                           "1761847451123",
                                           "1E-7",
                                           "9223372036854775808",
                                           "123456789012345678901234567890123456789012"};
    return kNumbers[Below(std::size(kNumbers))];
  }

  std::string Array(int depth) {
    std::string json = "[";
    for (uint32_t i = 0, size = Below(4); i < size; ++i) json += (i > 0 ? "," : "") + Value(depth + 1);
    return json + "]";
  }

  std::string Value(int depth) {
    switch (Below(depth > 5 ? 5 : 8)) {
      case 0:
        return "null";
      case 1:
        return Below(2) == 0 ? "true" : "false";
      case 2:
      case 3:
        return Text();
      case 4:
      case 5:
        return Number();
      case 6:
        return Array(depth);
      default:
        return Object(depth);
    }
  }

  std::mt19937 random_;
};

TEST(InferTest, AnyRecordsLandUnderTheirContract) {
  for (uint32_t seed = 0; seed < 400; ++seed) {
    RandomJson json(seed);
    std::vector<Given> records;
    for (int i = 0; i < 1 + static_cast<int>(seed % 40); ++i)
      records.push_back({json.Object(0), i % 3 == 0 ? std::nullopt : std::optional<std::string>("k")});
    InferOptions options = OptionsFor("things");
    options.typing.enums = seed % 2 == 0;
    options.typing.time_zone = seed % 3 == 0 ? "Europe/Berlin" : "";
    options.lenient = seed % 5 == 0;
    const auto inferred = Infer(SampleOf(records), options);
    if (!inferred.ok()) {
      EXPECT_EQ(inferred.error().message(), "the records of the test have no members") << seed;
      continue;
    }
    for (const std::string& remark : inferred->remarks)
      EXPECT_EQ(remark.find("bug"), std::string::npos) << remark;
    EXPECT_THAT(CheckContract(inferred->yaml).notes, IsEmpty()) << seed << "\n" << inferred->yaml;
  }
}

TEST(InferTest, NestingHasALimit) {
  std::string deep = "1";
  for (int i = 0; i < 60; ++i) deep = i % 2 == 0 ? "[" + deep + "]" : "{\"a\":" + deep + "}";
  EXPECT_EQ(MustInfer(Values({"{\"x\":" + deep + "}"})).table().fields.size(), 1u);
}

TEST(InferTest, NamesAreBoundedWhateverTheRecordsAre) {
  std::vector<Given> records;
  for (int i = 0; i < 3000; ++i) records.push_back({fmt::format(R"({{"n":{{"k{0}":{{"k{0}":{0}}}}}}})", i)});
  EXPECT_EQ(MustInfer(records).field("n").type, FieldType::kMap);
  for (int i = 0; i < 12'000; ++i)
    records.push_back({fmt::format(R"({{"m{0}":{{"p{1}":{{"q{1}":1}}}},"n":1}})", i % 300, i)});
  MustInfer(records);
}

}  // namespace
}  // namespace forebay::infer
