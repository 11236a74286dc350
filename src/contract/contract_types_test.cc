#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "contract/contract.h"
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
  EXPECT_THAT(flat().primary_key, ElementsAre(1u, 0u));
  ASSERT_EQ(flat().dimensions.size(), 2u);
  EXPECT_EQ(flat().dimensions[0].name, "hour");
  EXPECT_EQ(flat().dimensions[0].transform, PartitionTransform::kHour);
  EXPECT_EQ(flat().dimensions[0].source, 2u);
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

}  // namespace
}  // namespace forebay
