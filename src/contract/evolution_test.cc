#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "contract/contract.h"

namespace forebay {
namespace {

using testing::HasSubstr;

constexpr char kBefore[] = R"yaml(apiVersion: v3.2.0
kind: DataContract
id: test
version: 1.0.0
schema:
  - name: events
    customProperties:
      - {property: kafka.topic, value: test.events}
      - {property: kafka.partitions, value: 3}
      - {property: kafka.key, value: id}
      - {property: eventTime, value: at}
    properties:
      - {name: id, logicalType: string, required: true, primaryKey: true}
      - {name: at, logicalType: timestamp, required: true}
      - {name: seen, logicalType: timestamp, required: true}
      - {name: amount, logicalType: number, physicalType: "DECIMAL(12,2)"}
      - {name: count, logicalType: integer, physicalType: INTEGER}
      - {name: note, logicalType: string}
      - {name: tags, logicalType: array, items: {logicalType: string}}
      - {name: sizes, logicalType: map, map: {key: {logicalType: string}, value: {logicalType: integer}}}
      - {name: who, logicalType: object, properties: [{name: name, logicalType: string, required: true}, {name: age, logicalType: integer}]}
      - {name: date, logicalType: date, partitioned: true, transformLogic: date(at)}
)yaml";

Contract Parse(const std::string& yaml) {
  Result<Contract> contract = ParseContract(yaml, "test.yaml");
  EXPECT_TRUE(contract.ok()) << (contract.ok() ? "" : contract.error().message());
  return std::move(contract).value();
}

// kBefore with one piece of text replaced.
Contract After(const std::string& what, const std::string& by) {
  std::string yaml = kBefore;
  const size_t at = yaml.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return Parse(yaml.replace(at, what.size(), by));
}

void ExpectFine(const std::string& what, const std::string& by) {
  const Status status = CheckEvolution(Parse(kBefore), After(what, by));
  EXPECT_TRUE(status.ok()) << status.error().message();
}

void ExpectRefused(const std::string& what, const std::string& by, const std::string& reason) {
  const Status status = CheckEvolution(Parse(kBefore), After(what, by));
  ASSERT_FALSE(status.ok()) << by;
  EXPECT_EQ(status.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(status.error().message(), HasSubstr("version 1.0.0 cannot replace version 1.0.0"));
  EXPECT_THAT(status.error().message(), HasSubstr("\n  " + reason));
}

TEST(CheckEvolution, NothingChanged) {
  ExpectFine("version: 1.0.0", "version: 1.0.0");
}

TEST(CheckEvolution, AddedOptionalFieldsAndTablesAreAllowed) {
  ExpectFine("- {name: note,", "- {name: more, logicalType: string}\n      - {name: note,");
  ExpectFine("{name: age, logicalType: integer}",
             "{name: age, logicalType: integer}, {name: city, logicalType: string}");
  ExpectFine("  - name: events\n",
             "  - name: others\n    customProperties: [{property: kafka.topic, value: test.others}]\n"
             "    properties: [{name: day, logicalType: date, required: true, partitioned: true}]\n"
             "  - name: events\n");
}

TEST(CheckEvolution, RulesAndTopicSettingsMayChange) {
  ExpectFine(
      "      - {property: kafka.key, value: id}\n",
      "      - {property: kafka.key, value: id}\n      - {property: parquet.encodings, value: plain}\n");
  ExpectFine("{name: note, logicalType: string}",
             "{name: note, logicalType: string, logicalTypeOptions: {maxLength: 3}}");
  ExpectFine("{name: note, logicalType: string}", "{name: note, logicalType: string, enum: [{value: a}]}");
  ExpectFine("value: 3}", "value: 6}\n      - {property: kafka.retention.ms, value: 1000}");
  ExpectFine("value: at}", "value: at}\n      - {property: eventTime.maxAhead, value: 2d}");
}

TEST(CheckEvolution, RequiredMayBecomeOptional) {
  ExpectFine("{name: seen, logicalType: timestamp, required: true}", "{name: seen, logicalType: timestamp}");
}

TEST(CheckEvolution, OptionalMayNotBecomeRequired) {
  ExpectRefused("{name: note, logicalType: string}", "{name: note, logicalType: string, required: true}",
                "events.note: optional field became required");
  ExpectRefused("items: {logicalType: string}", "items: {logicalType: string, required: true}",
                "events.tags[]: optional field became required");
}

TEST(CheckEvolution, AddedFieldsMayNotBeRequired) {
  ExpectRefused("- {name: note,", "- {name: more, logicalType: string, required: true}\n      - {name: note,",
                "events.more: new field is required");
}

TEST(CheckEvolution, FieldsStay) {
  ExpectRefused("- {name: note, logicalType: string}", "- {name: remark, logicalType: string}",
                "events.note: field removed");
  ExpectRefused("{name: age, logicalType: integer}", "{name: years, logicalType: integer}",
                "events.who.age: field removed");
}

TEST(CheckEvolution, TypesStay) {
  ExpectRefused("{name: note, logicalType: string}", "{name: note, logicalType: integer}",
                "events.note: type changed from a string to an integer of 64 bits");
  ExpectRefused("physicalType: INTEGER", "physicalType: BIGINT",
                "events.count: type changed from an integer of 32 bits to an integer of 64 bits");
  ExpectRefused("DECIMAL(12,2)", "DECIMAL(12,3)",
                "events.amount: type changed from a DECIMAL(12,2) to a DECIMAL(12,3)");
  ExpectRefused("DECIMAL(12,2)", "DECIMAL(14,2)",
                "events.amount: type changed from a DECIMAL(12,2) to a DECIMAL(14,2)");
  ExpectRefused("items: {logicalType: string}", "items: {logicalType: date}",
                "events.tags[]: type changed from a string to a date");
  ExpectRefused(
      "{name: seen, logicalType: timestamp, required: true}",
      "{name: seen, logicalType: timestamp, required: true, logicalTypeOptions: {format: epoch-millis}}",
      "events.seen: timestamp format changed");
}

TEST(CheckEvolution, MeaningStays) {
  ExpectRefused("value: test.events", "value: test.events2",
                "events: topic changed from test.events to test.events2");
  ExpectRefused("      - {property: kafka.key, value: id}\n", "",
                "events: Kafka key changed from 'id' to none");
  ExpectRefused("eventTime, value: at", "eventTime, value: seen",
                "events: event time changed from 'at' to 'seen'");
  ExpectRefused(", primaryKey: true", "", "events: primary key changed from (id) to none");
}

TEST(CheckEvolution, PartitioningStays) {
  ExpectRefused("transformLogic: date(at)", "transformLogic: \"date(at, 'Europe/Berlin')\"",
                "events: partitioning changed from date = date(at) to date = date(at, 'Europe/Berlin')");
  ExpectFine("transformLogic: date(at)", "transformLogic: \"date(at, 'UTC')\"");
  ExpectRefused("transformLogic: date(at)", "transformLogic: date(seen)",
                "events: partitioning changed from date = date(at) to date = date(seen)");
  ExpectRefused("{name: date, logicalType: date, partitioned: true, transformLogic: date(at)}",
                "{name: date, logicalType: string, partitioned: true, transformLogic: hour(at)}",
                "events: partitioning changed from date = date(at) to date = hour(at)");
}

TEST(CheckEvolution, DimensionsMayNotBeAdded) {
  std::string yaml = kBefore;
  const auto replace = [&](const std::string& what, const std::string& by) {
    yaml.replace(yaml.find(what), what.size(), by);
  };
  replace("{name: id,", "{name: id, partitioned: true, partitionKeyPosition: 1,");
  replace("partitioned: true, transformLogic", "partitioned: true, partitionKeyPosition: 2, transformLogic");
  const Status status = CheckEvolution(Parse(kBefore), Parse(yaml));
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(),
              HasSubstr("partitioning changed from date = date(at) to id, date = date(at)"));
}

TEST(CheckEvolution, TablesStay) {
  ExpectRefused("- name: events", "- name: happenings", "events: table removed");
}

TEST(CheckEvolution, AllReasonsAreReported) {
  Contract after = After("value: test.events", "value: test.events2");
  after.tables[0].fields[5].name = "remark";
  after.version = "2.0.0";
  const Status status = CheckEvolution(Parse(kBefore), after);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr("version 2.0.0 cannot replace version 1.0.0 in this lake"));
  EXPECT_THAT(status.error().message(), HasSubstr("topic changed from"));
  EXPECT_THAT(status.error().message(), HasSubstr("events.note: field removed"));
}

TEST(Evolution, ValuesOfAMap) {
  ExpectRefused("value: {logicalType: integer}", "value: {logicalType: string}",
                "events.sizes[]: type changed from an integer of 64 bits to a string");
  ExpectRefused("logicalType: map, map: {key: {logicalType: string}, value: {logicalType: integer}}",
                "logicalType: object", "events.sizes: type changed from a map to JSON");
}

}  // namespace
}  // namespace forebay
