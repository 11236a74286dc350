#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "contract/contract.h"
#include "contract/field_place.h"
#include "contract/testing.h"

namespace forebay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Covers the features that the shop and weather contracts do not use.
constexpr char kEveryType[] = R"yaml(apiVersion: v3.1.0
kind: DataContract
id: everything
version: "1"
customProperties:
  - property: owner
    value: anybody
slaProperties:
  - property: latency
    value: 1.5
    unit: hours
  - property: latency
    value: 2
    unit: d
    element: deep, flat.at
  - property: generalAvailability
    value: "2025-01-01"
schema:
  - name: flat
    physicalName: flat
    customProperties:
      - property: kafka.topic
        value: everything.flat
      - property: kafka.cleanup.policy
        value: compact,delete
      - property: kafka.key
        value: id
      - property: eventTime
        value: at
      - property: eventTime.maxAhead
        value: 90m
      - property: eventTime.maxBehind
        value: 36h
      - property: retentionTier
        value: gold
        vendor: somebody
    properties:
      - {name: id, logicalType: integer, required: true, primaryKey: true, primaryKeyPosition: 2}
      - {name: part, logicalType: integer, physicalType: INT, required: true, primaryKey: true, primaryKeyPosition: 1}
      - name: at
        logicalType: timestamp
        required: true
        logicalTypeOptions: {format: epoch-millis, minimum: "2020-01-01T00:00:00Z", exclusiveMaximum: "2100-01-01T00:00:00.250Z", timezone: true}
      - {name: seconds, logicalType: timestamp, logicalTypeOptions: {format: epoch-seconds}}
      - {name: micros, logicalType: timestamp, physicalType: TIMESTAMPTZ, logicalTypeOptions: {format: epoch-micros}}
      - {name: big, logicalType: integer, logicalTypeOptions: {minimum: -9223372036854775808, maximum: 9223372036854775807}}
      - {name: ratio, logicalType: number, logicalTypeOptions: {exclusiveMinimum: -1e-3, exclusiveMaximum: 2.5}}
      - {name: money, logicalType: number, physicalType: "decimal(38, 9)", logicalTypeOptions: {maximum: 12.500}}
      - {name: whole, logicalType: number, physicalType: NUMERIC(5), partitionKeyPosition: -1, primaryKey: false}
      - {name: code, logicalType: string, physicalType: VARCHAR(4), logicalTypeOptions: {maxLength: 3}}
      - {name: flag, logicalType: boolean, required: true, partitioned: true, partitionKeyPosition: 2, unique: false}
      - {name: hour, logicalType: string, partitioned: true, partitionKeyPosition: 1, transformLogic: hour(at)}
  - name: deep
    customProperties: [{property: kafka.topic, value: everything.deep}]
    properties:
      - {name: day, logicalType: date, required: true, partitioned: true, logicalTypeOptions: {format: yyyy-MM-dd, exclusiveMinimum: 2000-01-01}}
      - name: matrix
        logicalType: array
        items: {logicalType: array, required: true, items: {logicalType: integer, logicalTypeOptions: {minimum: 0}}}
      - name: outer
        logicalType: object
        properties:
          - name: inner
            logicalType: object
            required: true
            properties: [{name: tags, logicalType: array, items: {logicalType: string, enum: [{value: a}, {value: "1"}]}}]
)yaml";

class EveryTypeTest : public testing::Test {
 protected:
  void SetUp() override {
    Result<Contract> parsed = ParseContract(kEveryType, "everything.yaml");
    ASSERT_TRUE(parsed.ok()) << parsed.error().message();
    contract_ = std::move(parsed).value();
  }
  const Table& flat() const { return contract_.tables[0]; }
  const Table& deep() const { return contract_.tables[1]; }
  Contract contract_;
};

TEST_F(EveryTypeTest, NameDefaultsToTheId) {
  EXPECT_EQ(contract_.name, "everything");
}

TEST_F(EveryTypeTest, TopicAndEventTime) {
  EXPECT_EQ(flat().topic.partitions, 1);
  EXPECT_EQ(flat().topic.cleanup_policy, "compact,delete");
  EXPECT_EQ(flat().max_ahead_ms, 90 * 60'000);
  EXPECT_EQ(flat().max_behind_ms, 36 * 3'600'000);
  EXPECT_FALSE(deep().event_time.has_value());
  EXPECT_FALSE(deep().key.has_value());
  EXPECT_THAT(deep().primary_key, IsEmpty());
}

TEST_F(EveryTypeTest, PositionsOrderKeysAndDimensions) {
  EXPECT_THAT(flat().primary_key, ElementsAre(FieldPlace{1}, FieldPlace{0}));
  ASSERT_EQ(flat().dimensions.size(), 2u);
  EXPECT_EQ(flat().dimensions[0].name, "hour");
  EXPECT_EQ(flat().dimensions[0].transform, PartitionTransform::kHour);
  EXPECT_EQ(flat().dimensions[0].source, FieldPlace{2});
  EXPECT_EQ(flat().dimensions[1].name, "flag");
  EXPECT_EQ(flat().dimensions[1].transform, PartitionTransform::kIdentity);
}

TEST_F(EveryTypeTest, IntegersAre64BitsByDefault) {
  EXPECT_EQ(Get(flat().fields, "id").bits, 64);
  EXPECT_EQ(Get(flat().fields, "part").bits, 32);
  ExpectExact(Get(flat().fields, "big").minimum, INT64_MIN);
  ExpectExact(Get(flat().fields, "big").maximum, INT64_MAX);
}

TEST_F(EveryTypeTest, Timestamps) {
  const Field& at = Get(flat().fields, "at");
  EXPECT_EQ(at.timestamp_format, TimestampFormat::kEpochMillis);
  EXPECT_EQ(Get(flat().fields, "seconds").timestamp_format, TimestampFormat::kEpochSeconds);
  EXPECT_EQ(Get(flat().fields, "micros").timestamp_format, TimestampFormat::kEpochMicros);
  ExpectExact(at.minimum, 1'577'836'800'000'000);
  EXPECT_TRUE(at.maximum->exclusive);
  EXPECT_EQ(static_cast<int64_t>(at.maximum->exact), 4'102'444'800'250'000);
}

TEST_F(EveryTypeTest, NumbersAndDecimals) {
  const Field& ratio = Get(flat().fields, "ratio");
  EXPECT_EQ(ratio.type, FieldType::kNumber);
  EXPECT_EQ(ratio.minimum->number, -0.001);
  EXPECT_TRUE(ratio.minimum->exclusive);
  EXPECT_EQ(ratio.maximum->number, 2.5);
  const Field& money = Get(flat().fields, "money");
  EXPECT_EQ(money.precision, 38);
  EXPECT_EQ(money.scale, 9);
  ExpectExact(money.maximum, 12'500'000'000);
  EXPECT_EQ(Get(flat().fields, "whole").type, FieldType::kDecimal);
  EXPECT_EQ(Get(flat().fields, "whole").scale, 0);
}

TEST_F(EveryTypeTest, NestedArraysAndObjects) {
  const Field& matrix = Get(deep().fields, "matrix");
  EXPECT_EQ(matrix.element().type, FieldType::kArray);
  EXPECT_TRUE(matrix.element().required);
  EXPECT_FALSE(matrix.element().element().required);
  ExpectExact(matrix.element().element().minimum, 0);
  const Field& inner = Get(Get(deep().fields, "outer").fields, "inner");
  EXPECT_THAT(Get(inner.fields, "tags").element().enum_values, ElementsAre("a", "1"));
  EXPECT_TRUE(Get(deep().fields, "day").minimum->exclusive);
}

TEST_F(EveryTypeTest, ServiceLevelsOfATableOverrideTheContracts) {
  EXPECT_EQ(contract_.service_levels.latency_ms, 5'400'000);
  EXPECT_EQ(flat().service_levels.latency_ms, 2 * kMillisPerDay);
  EXPECT_EQ(deep().service_levels.latency_ms, 2 * kMillisPerDay);
  EXPECT_FALSE(contract_.service_levels.freshness_ms.has_value());
}

TEST_F(EveryTypeTest, FieldsHaveTheirLine) {
  EXPECT_EQ(flat().line, 19);
  EXPECT_EQ(Get(flat().fields, "id").line, 38);
}

TEST(Contract, WindowsLineEndsAndByteOrderMark) {
  std::string text = "\xEF\xBB\xBF";
  for (const char c : std::string(kEveryType)) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const Result<Contract> contract = ParseContract(text, "dos.yaml");
  ASSERT_TRUE(contract.ok()) << contract.error().message();
  EXPECT_EQ(contract->yaml, text);
}

TEST(PhysicalTypeOfAField, SaysMoreThanTheLogicalType) {
  EXPECT_EQ(ExtraField("logicalType: string, physicalType: VARCHAR(20)").max_length, 20);
  EXPECT_EQ(ExtraField("logicalType: string, physicalType: VARCHAR(20), logicalTypeOptions: {maxLength: 3}")
                .max_length,
            3);
  const Field decimal = ExtraField("logicalType: number, physicalType: 'number(38, 18)'");
  EXPECT_EQ(decimal.type, FieldType::kDecimal);
  EXPECT_EQ(decimal.precision, 38);
  EXPECT_EQ(decimal.scale, 18);
  EXPECT_EQ(ExtraField("logicalType: number, physicalType: BIGINT").type, FieldType::kInteger);
  EXPECT_EQ(ExtraField("logicalType: number, physicalType: real").type, FieldType::kNumber);
  EXPECT_EQ(ExtraField("logicalType: timestamp, physicalType: TIMESTAMP(6)").type, FieldType::kTimestamp);
}

TEST(PhysicalTypeOfAField, StandsInForTheLogicalType) {
  EXPECT_EQ(ExtraField("physicalType: double precision").type, FieldType::kNumber);
  EXPECT_EQ(ExtraField("physicalType: 'DECIMAL(4,1)'").type, FieldType::kDecimal);
  EXPECT_EQ(ExtraField("physicalType: text").type, FieldType::kString);
}

TEST(PhysicalTypeOfAField, SizesAndRangesOfIntegers) {
  const auto is = [](const std::string& keys, int32_t bits, std::optional<int64_t> min,
                     std::optional<int64_t> max) {
    SCOPED_TRACE(keys);
    const Field field = ExtraField("logicalType: integer, " + keys);
    EXPECT_EQ(field.bits, bits);
    ASSERT_EQ(field.minimum.has_value(), min.has_value());
    ASSERT_EQ(field.maximum.has_value(), max.has_value());
    if (min) ExpectExact(field.minimum, *min);
    if (max) ExpectExact(field.maximum, *max);
  };
  is("physicalType: int", 32, std::nullopt, std::nullopt);
  is("physicalType: SMALLINT", 32, -32768, 32767);
  is("physicalType: int unsigned", 64, 0, 4294967295);
  is("physicalType: 'NUMBER(3)'", 64, -999, 999);
  is("logicalTypeOptions: {format: u8}", 32, 0, 255);
  is("logicalTypeOptions: {format: i16, minimum: 0}", 32, 0, 32767);
  is("logicalTypeOptions: {format: i16, maximum: 100000}", 32, -32768, 32767);
  is("logicalTypeOptions: {format: u64}", 64, 0, INT64_MAX);
}

TEST(Types, AVectorIsAnArrayOfAFixedLength) {
  const std::string vector =
      "logicalType: vector, physicalType: vector(3), logicalTypeOptions: {dimensions: 3";
  const Field field = ExtraField(vector + "}");
  EXPECT_EQ(field.type, FieldType::kArray);
  EXPECT_EQ(field.min_length, 3);
  EXPECT_EQ(field.max_length, 3);
  EXPECT_EQ(field.element().type, FieldType::kNumber);
  EXPECT_TRUE(field.element().required);
  const Field bytes = ExtraField(vector + ", elementType: int8}");
  EXPECT_EQ(bytes.element().type, FieldType::kInteger);
  EXPECT_EQ(bytes.element().bits, 32);
  ExpectExact(bytes.element().minimum, -128);
  ExpectExact(bytes.element().maximum, 127);
  ExpectExact(ExtraField(vector + ", elementType: binary}").element().maximum, 1);
}

TEST(Types, AnyValueWhereTheContentIsNotDescribed) {
  for (const char* keys : {"logicalType: object", "logicalType: object, properties: []",
                           "physicalType: jsonb", "logicalType: object, physicalType: VARIANT"}) {
    EXPECT_EQ(ExtraField(keys).type, FieldType::kJson) << keys;
  }
  const Field array = ExtraField("logicalType: array");
  EXPECT_EQ(array.type, FieldType::kArray);
  EXPECT_EQ(array.element().type, FieldType::kJson);
}

TEST(Types, Maps) {
  const Field map = ExtraField(
      "logicalType: map, map: {key: {logicalType: string, logicalTypeOptions: {maxLength: 3}}, "
      "value: {logicalType: array, items: {logicalType: integer}}}");
  EXPECT_EQ(map.type, FieldType::kMap);
  EXPECT_THAT(Names(map.fields), ElementsAre("key", "value"));
  EXPECT_TRUE(map.fields[0].required);
  EXPECT_EQ(map.fields[0].max_length, 3);
  EXPECT_EQ(map.fields[1].element().type, FieldType::kInteger);
  const Field any = ExtraField("physicalType: 'map<string, int>'");
  EXPECT_EQ(any.fields[0].type, FieldType::kString);
  EXPECT_EQ(any.fields[1].type, FieldType::kJson);
}

TEST(Types, TimesOfADay) {
  const Field time =
      ExtraField("logicalType: time, logicalTypeOptions: {minimum: '08:30', format: 'HH:mm:ss'}");
  EXPECT_EQ(time.type, FieldType::kTime);
  ExpectExact(time.minimum, (8 * 60 + 30) * 60 * kMicrosPerSecond);
}

TEST(Rules, AnExclusiveBoundOfOdcs30) {
  const Field field =
      ExtraField("logicalType: integer, logicalTypeOptions: {minimum: 3, exclusiveMinimum: true}");
  ASSERT_TRUE(field.minimum);
  EXPECT_TRUE(field.minimum->exclusive);
}

TEST(Rules, EnumsOfNumbers) {
  const Field integer = ExtraField("logicalType: integer, enum: [{value: 3}, {value: -5}]");
  ASSERT_EQ(integer.enum_numbers.size(), 2u);
  EXPECT_EQ(static_cast<int64_t>(integer.enum_numbers[1].exact), -5);
  const Field decimal = ExtraField("logicalType: number, physicalType: 'DECIMAL(4,2)', enum: [{value: 0.5}]");
  EXPECT_EQ(static_cast<int64_t>(decimal.enum_numbers[0].exact), 50);
  EXPECT_THAT(ExtraField("logicalType: string, enum: [{value: 1.0}, {value: NO}, {value: true}]").enum_values,
              ElementsAre("1.0", "NO", "true"));
}

TEST(Rules, OfArraysNumbersAndFormats) {
  const Field array = ExtraField(
      "logicalType: array, items: {logicalType: string}, logicalTypeOptions: {minItems: 1, maxItems: 3, "
      "uniqueItems: true}");
  EXPECT_EQ(array.min_length, 1);
  EXPECT_EQ(array.max_length, 3);
  EXPECT_TRUE(array.unique_items);
  EXPECT_EQ(ExtraField("logicalType: number, logicalTypeOptions: {multipleOf: 0.25}").multiple_of->number,
            0.25);
  EXPECT_EQ(ExtraField("logicalType: string, logicalTypeOptions: {format: uuid}").format, TextFormat::kUuid);
}

TEST(Rules, RequiredMembersOfAnObject) {
  const Field field = ExtraField(
      "logicalType: object, properties: [{name: a, logicalType: string}, {name: b, logicalType: string}], "
      "logicalTypeOptions: {required: [b]}");
  EXPECT_THAT(RequiredNames(field.fields), ElementsAre("b"));
}

TEST(Keys, WithoutPositionsFollowTheOrderOfFields) {
  const Contract contract = ParseWith(kExtra, "- {name: extra, logicalType: string, primaryKey: true}");
  EXPECT_THAT(contract.tables[0].primary_key, ElementsAre(FieldPlace{0}, FieldPlace{2}))
      << "those with a position first";
  EXPECT_FALSE(contract.tables[0].fields[2].required) << "a member of the key may be optional";
  const Contract gaps = ParseWith(
      kId, "- {name: id, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 7}");
  EXPECT_THAT(gaps.tables[0].primary_key, ElementsAre(FieldPlace{0}));
}

constexpr char kOthersTopic[] = "customProperties: [{property: kafka.topic, value: test.others}]";

TEST(Topics, AreNamedByTheStandardsKeysToo) {
  EXPECT_EQ(ParseWith(kOthersTopic, "physicalName: others.v1").tables[1].topic.name, "others.v1");
  EXPECT_EQ(ParseWith(kOthersTopic, "physicalType: topic").tables[1].topic.name, "others");
  EXPECT_EQ(
      ParseWith(kOthersTopic, std::string(kOthersTopic) + "\nphysicalName: db.others").tables[1].topic.name,
      "test.others")
      << "kafka.topic decides";
}

TEST(Topics, ATableWithoutOneIsSkipped) {
  const Contract contract = ParseWith(kOthersTopic, "customProperties: [{property: tier, value: gold}]");
  ASSERT_EQ(contract.tables.size(), 1u);
  EXPECT_EQ(contract.tables[0].name, "events");
}

}  // namespace
}  // namespace forebay
