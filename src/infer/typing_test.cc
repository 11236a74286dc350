// The types of fields, by the values that were seen.
#include "infer/typing.h"

#include <gmock/gmock.h>

#include "infer/testing.h"

namespace forebay::infer {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using testing::InferX;
using ::testing::IsEmpty;
using testing::Many;
using testing::MustInfer;
using ::testing::Not;
using testing::OptionsFor;
using testing::Values;

FieldType TypeOfX(const std::vector<std::string>& values) {
  return InferX(values).field("x").type;
}

Field FieldOf(const std::string& name, const std::vector<std::string>& values) {
  std::vector<testing::Given> records;
  for (const std::string& value : values) records.push_back({"{\"" + name + "\":" + value + "}"});
  return MustInfer(records).field(name);
}

TEST(TypingTest, Integers) {
  EXPECT_EQ(InferX({"1", "-7", "32767"}).field("x").bits, 32);
  EXPECT_EQ(InferX({"1", "32768"}).field("x").bits, 64);
  EXPECT_EQ(FieldOf("order_id", {"1", "2"}).bits, 64) << "ids grow";
  EXPECT_EQ(TypeOfX({"9223372036854775807", "-9223372036854775808"}), FieldType::kInteger);
}

TEST(TypingTest, IntegersBeyond64BitsAreDecimalsAndThenJson) {
  const Field decimal = InferX({"18446744073709551615", "1"}).field("x");
  EXPECT_EQ(decimal.type, FieldType::kDecimal);
  EXPECT_EQ(decimal.scale, 0);
  EXPECT_EQ(TypeOfX({"1" + std::string(38, '0')}), FieldType::kJson);
}

TEST(TypingTest, NumbersWithAPointAreDoubles) {
  EXPECT_EQ(TypeOfX({"1", "2.5"}), FieldType::kNumber);
  EXPECT_EQ(TypeOfX({"1.0", "2.0"}), FieldType::kNumber) << "a program that prints 1.0 means a fraction";
  EXPECT_EQ(TypeOfX({"1e3"}), FieldType::kNumber);
  EXPECT_EQ(TypeOfX({"1e400", "1"}), FieldType::kJson) << "no double";
}

TEST(TypingTest, AFixedNumberOfDigitsBehindThePointIsADecimal) {
  const Field fixed = InferX({"21.50", "-3.25"}).field("x");
  EXPECT_EQ(fixed.type, FieldType::kDecimal);
  EXPECT_EQ(fixed.scale, 2);
  EXPECT_EQ(fixed.precision, 18);
  EXPECT_EQ(TypeOfX({"21.50", "19"}), FieldType::kNumber);
  EXPECT_EQ(TypeOfX({"21.55", "19.25"}), FieldType::kNumber) << "all digits may be significant";
}

TEST(TypingTest, MoneyIsADecimal) {
  const Field price = FieldOf("unit_price", {"21.5", "7", "0.125"});
  EXPECT_EQ(price.type, FieldType::kDecimal);
  EXPECT_EQ(price.scale, 3);
  EXPECT_EQ(FieldOf("total", {"0.30000000000000004"}).type, FieldType::kNumber);
  EXPECT_EQ(FieldOf("tax_rate", {"0.19"}).type, FieldType::kNumber);
  EXPECT_EQ(FieldOf("amount", {"1.5", "123456789012345.25"}).precision, 38);
}

TEST(TypingTest, EpochNumbersAreTimestampsWhereTheNameSaysSo) {
  EXPECT_EQ(FieldOf("ts", {"1761847451", "1761847452.5"}).timestamp_format, TimestampFormat::kEpochSeconds);
  EXPECT_EQ(FieldOf("ts", {"1761847451123"}).timestamp_format, TimestampFormat::kEpochMillis);
  EXPECT_EQ(FieldOf("ts", {"1761847451123456"}).timestamp_format, TimestampFormat::kEpochMicros);
  EXPECT_EQ(FieldOf("ts", {"1761847451123456789"}).timestamp_format, TimestampFormat::kEpochNanos);
  const Field mixed = FieldOf("ts", {"1761847451", "1761847451123"});
  EXPECT_EQ(mixed.type, FieldType::kTimestamp);
  EXPECT_EQ(mixed.timestamp_format, TimestampFormat::kAny);
  EXPECT_EQ(FieldOf("phone", {"1761847451"}).type, FieldType::kInteger);
  EXPECT_EQ(FieldOf("ts", {"1761847451", "0"}).type, FieldType::kInteger);
}

TEST(TypingTest, TimesInTexts) {
  EXPECT_EQ(TypeOfX({R"("2025-10-30T18:04:11Z")", R"("2025-10-30 18:04+0200")"}), FieldType::kTimestamp);
  EXPECT_EQ(TypeOfX({R"("2025-10-30")"}), FieldType::kDate);
  EXPECT_EQ(TypeOfX({R"("2025-10-30")", R"("2025-10-30T18:04:11Z")"}), FieldType::kString);
  EXPECT_EQ(TypeOfX({R"("08:30:00")"}), FieldType::kTime);
  EXPECT_EQ(TypeOfX({R"("16:09")"}), FieldType::kString) << "it may be a ratio";
  EXPECT_EQ(FieldOf("start", {R"("16:09")"}).type, FieldType::kTime);
  EXPECT_EQ(FieldOf("duration", {R"("00:16:09")"}).type, FieldType::kString) << "it may exceed a day";
  EXPECT_EQ(FieldOf("time_nanos", {R"("1761847451123456789")"}).type, FieldType::kTimestamp);
  EXPECT_EQ(FieldOf("serial", {R"("1761847451123456789")"}).type, FieldType::kString);
}

TEST(TypingTest, TimesWithoutAnOffsetAreLocalAndRemarked) {
  const testing::Outcome local = InferX({R"("2025-10-30T18:04:11")", R"("2025-10-30 18:04")"});
  EXPECT_EQ(local.field("x").type, FieldType::kLocalTimestamp);
  EXPECT_THAT(local.remarks,
              Contains(HasSubstr("field 'x' has timestamps without an offset, whose time zone is "
                                 "unknown: it is a local timestamp")));
  const testing::Outcome mixed = InferX({R"("2025-10-30T18:04:11")", R"("2025-10-30T18:04:11Z")"});
  EXPECT_EQ(mixed.field("x").type, FieldType::kString);
  EXPECT_THAT(mixed.remarks, Contains(HasSubstr("it is a string")));
}

TEST(TypingTest, TimesWithoutAnOffsetAreTimestampsInTheZoneThatIsGiven) {
  InferOptions options = OptionsFor("things");
  options.typing.time_zone = "Europe/Berlin";
  const auto outcome =
      MustInfer(Values({R"({"x":"2025-10-30T18:04:11","ts":1761847451,"y":"2025-10-30T18:04Z"})",
                        R"({"x":"2025-10-30T18:04Z","ts":"2025-10-30 18:04","y":"2025-10-30T18:04Z"})"}),
                options);
  EXPECT_EQ(outcome.field("x").type, FieldType::kTimestamp);
  EXPECT_EQ(outcome.field("x").default_zone, "Europe/Berlin");
  EXPECT_EQ(outcome.field("ts").default_zone, "Europe/Berlin");
  EXPECT_EQ(outcome.field("y").default_zone, "") << "none is without an offset";
  EXPECT_THAT(outcome.remarks, Not(Contains(HasSubstr("offset"))));
}

TEST(TypingTest, TextsAndNumbersMayBeTimestampsTogether) {
  EXPECT_EQ(FieldOf("created_at", {"1580464800", R"("2020-01-31T10:00:00Z")"}).type, FieldType::kTimestamp);
  EXPECT_EQ(FieldOf("created_at", {"7", R"("2020-01-31T10:00:00Z")"}).type, FieldType::kJson);
}

TEST(TypingTest, FormatsOfTexts) {
  EXPECT_EQ(InferX({R"("3f2504e0-4f89-41d3-9a0c-0305e82c3301")"}).field("x").format, TextFormat::kUuid);
  EXPECT_EQ(InferX({R"("ada@example.com")"}).field("x").format, TextFormat::kAny) << "one address is no rule";
  const auto address = [](int i) { return "{\"x\":\"192.0.2." + std::to_string(i) + "\"}"; };
  EXPECT_EQ(MustInfer(Many(100, address)).field("x").format, TextFormat::kIpv4);
  std::vector<testing::Given> mixed = Many(100, address);
  mixed.push_back({R"({"x":"-"})"});
  EXPECT_EQ(MustInfer(mixed).field("x").format, TextFormat::kAny);
}

TEST(TypingTest, SeveralTypesAreJsonAndRemarked) {
  const testing::Outcome outcome = InferX({"1", R"("a")", R"("b")", "null"});
  EXPECT_EQ(outcome.field("x").type, FieldType::kJson);
  EXPECT_FALSE(outcome.field("x").required);
  EXPECT_THAT(outcome.remarks, Contains("field 'x' has 2 texts, 1 numbers; it is kept as JSON"));
}

TEST(TypingTest, NearlyAllOfAKindIsRemarked) {
  const auto outcome = MustInfer(Many(
      20, [](int i) { return i == 7 ? std::string(R"({"x":"n/a"})") : R"({"x":"2025-10-30T18:04:11Z"})"; }));
  EXPECT_EQ(outcome.field("x").type, FieldType::kString);
  EXPECT_THAT(outcome.remarks,
              Contains("field 'x' has 20 texts (19 timestamps, 1 other texts); it is a string"));
}

TEST(TypingTest, WhatIsAlwaysThereIsRequired) {
  const auto outcome = MustInfer(Values({R"({"a":1,"b":null,"c":{"d":1}})", R"({"a":2,"b":1,"c":{}})"}));
  EXPECT_TRUE(outcome.field("a").required);
  EXPECT_FALSE(outcome.field("b").required);
  EXPECT_TRUE(outcome.field("c").required);
  EXPECT_FALSE(outcome.field("c").fields[0].required);
  EXPECT_THAT(outcome.yaml, HasSubstr("- name: b  # in all 2, null in 1"));
  EXPECT_THAT(outcome.yaml, HasSubstr("- name: d  # in 1 of 2"));
}

TEST(TypingTest, WhatHasNoValuesIsJson) {
  EXPECT_EQ(TypeOfX({"null"}), FieldType::kJson);
  EXPECT_EQ(TypeOfX({"{}"}), FieldType::kJson);
  const Field empty = InferX({"[]"}).field("x");
  EXPECT_EQ(empty.type, FieldType::kArray);
  EXPECT_EQ(empty.element().type, FieldType::kJson);
}

TEST(TypingTest, ArraysOfArraysAndOfObjects) {
  const Field grid = InferX({"[[1,2.5],[]]", "[]"}).field("x");
  EXPECT_EQ(grid.element().type, FieldType::kArray);
  EXPECT_EQ(grid.element().element().type, FieldType::kNumber);
  const Field lines = InferX({R"([{"sku":"a","n":1},{"sku":"b"}])"}).field("x");
  EXPECT_EQ(lines.element().type, FieldType::kObject);
  EXPECT_TRUE(lines.element().fields[0].required);
  EXPECT_FALSE(lines.element().fields[1].required);
  EXPECT_FALSE(InferX({"[1,null]"}).field("x").element().required);
}

TEST(TypingTest, ArraysOfValuesAndArraysAreKeptAsAWhole) {
  EXPECT_EQ(TypeOfX({"[1.5,2.5]", "[[[1.5,2.5]]]"}), FieldType::kJson);
  EXPECT_EQ(InferX({R"([1,"a"])"}).field("x").element().type, FieldType::kJson);
}

TEST(TypingTest, NamesThatAreDataMakeAMap) {
  const Field by_id = InferX({R"({"4711":{"n":1},"4712":{"n":2}})"}).field("x");
  EXPECT_EQ(by_id.type, FieldType::kMap);
  EXPECT_EQ(by_id.fields[1].type, FieldType::kObject);
  EXPECT_EQ(TypeOfX({R"({"de":1,"fr":2})"}), FieldType::kObject);
  EXPECT_EQ(TypeOfX({R"({"4711":{"n":1},"4712":"b"})"}), FieldType::kObject) << "the values are not alike";
  const auto sparse =
      MustInfer(Many(100, [](int i) { return "{\"x\":{\"label " + std::to_string(i % 40) + "\":true}}"; }));
  EXPECT_EQ(sparse.field("x").type, FieldType::kMap);
  EXPECT_THAT(sparse.yaml, HasSubstr("- name: x  # in all 100; 40 different names\n"));
}

TEST(TypingTest, ManyDifferentNamesWithUnlikeValuesAreJson) {
  const auto loose = MustInfer(Many(200, [](int i) {
    const std::string value = i % 2 == 0 ? "1" : "[1]";
    return "{\"x\":{\"call" + std::string(1, static_cast<char>('a' + i % 26)) + std::to_string(i % 60) +
           "\":" + value + "}}";
  }));
  EXPECT_EQ(loose.field("x").type, FieldType::kJson);
  EXPECT_THAT(loose.remarks, Contains(HasSubstr("field 'x': its members are too many and too different")));
}

TEST(TypingTest, EnumsOnRequest) {
  const auto records = Many(40, [](int i) {
    return "{\"s\":\"" + std::string(i % 2 == 0 ? "on" : "off") + "\",\"n\":" + std::to_string(i % 3) +
           ",\"t\":\"" + std::to_string(i) + "x\"}";
  });
  const auto without = MustInfer(records);
  EXPECT_THAT(without.field("s").enum_values, IsEmpty());
  EXPECT_THAT(without.yaml, HasSubstr("- name: s  # in all 40; 2 values: on 20, off 20"));
  InferOptions options = OptionsFor("things");
  options.typing.enums = true;
  const auto with = MustInfer(records, options);
  EXPECT_EQ(with.field("s").enum_values, (std::vector<std::string>{"on", "off"}));
  EXPECT_EQ(with.field("n").enum_numbers.size(), 3u);
  EXPECT_THAT(with.field("t").enum_values, IsEmpty());
}

TEST(TypingTest, ManyValuesAreNoEnum) {
  InferOptions options = OptionsFor("things");
  options.typing.enums = true;
  const auto record = [](int i) {
    return "{\"s\":\"s" + std::to_string(i % 21) + "\",\"n\":" + std::to_string(i % 20) + "}";
  };
  const auto outcome = MustInfer(Many(210, record), options);
  EXPECT_THAT(outcome.field("s").enum_values, IsEmpty());
  EXPECT_EQ(outcome.field("n").enum_numbers.size(), 20u);
  const auto long_text = [](int) { return "{\"s\":\"" + std::string(200, 'x') + "\"}"; };
  EXPECT_THAT(MustInfer(Many(20, long_text), options).field("s").enum_values, IsEmpty());
}

TEST(TypingTest, NamesThatDifferInCaseHaveColumnsThatDoNot) {
  const auto outcome = MustInfer(Values({R"({"ID":1,"id":"a","Id":true})"}));
  EXPECT_EQ(outcome.field("ID").column, "ID");
  EXPECT_EQ(outcome.field("id").column, "id_");
  EXPECT_EQ(outcome.field("Id").column, "Id__");
}

TEST(TypingTest, TooManyColumnsBecomeJsonFromTheDeepestOn) {
  std::string record = "{";
  for (int i = 0; i < 100; ++i) {
    record += (i > 0 ? ",\"f" : "\"f") + std::to_string(i) + "\":{\"a\":{";
    for (int j = 0; j < 20; ++j) record += (j > 0 ? ",\"m" : "\"m") + std::to_string(j) + "\":1";
    record += "}}";
  }
  const auto outcome = MustInfer(Values({record + "}"}));
  EXPECT_EQ(outcome.field("f0").fields[0].type, FieldType::kJson);
  EXPECT_THAT(outcome.remarks, Contains(HasSubstr("what is nested deeper than 2 levels is kept as JSON")));
}

TEST(TypingTest, TooManyMembersOfARecordStayInExtra) {
  std::string record = "{";
  for (int i = 0; i < 3000; ++i) record += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + "\":1";
  const auto outcome = MustInfer(Values({record + "}"}));
  EXPECT_EQ(outcome.table().fields.size(), kMaxColumns);
  EXPECT_THAT(outcome.remarks, Contains(HasSubstr("the others are kept in _extra")));
}

}  // namespace
}  // namespace forebay::infer
