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
  EXPECT_THAT(status.error().message(), HasSubstr("contract 1.0.0 cannot follow 1.0.0"));
  EXPECT_THAT(status.error().message(), HasSubstr("\n  " + reason));
}

TEST(CheckEvolution, NothingChanged) {
  ExpectFine("version: 1.0.0", "version: 1.0.0");
}

TEST(CheckEvolution, AddedOptionalFieldsAndTablesAreFine) {
  ExpectFine("- {name: note,", "- {name: more, logicalType: string}\n      - {name: note,");
  ExpectFine("{name: age, logicalType: integer}",
             "{name: age, logicalType: integer}, {name: city, logicalType: string}");
  ExpectFine("  - name: events\n",
             "  - name: others\n    customProperties: [{property: kafka.topic, value: test.others}]\n"
             "    properties: [{name: day, logicalType: date, required: true, partitioned: true}]\n"
             "  - name: events\n");
}

TEST(CheckEvolution, RulesAndTopicSettingsMayChange) {
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
                "events.note was optional and is required now");
  ExpectRefused("items: {logicalType: string}", "items: {logicalType: string, required: true}",
                "events.tags[] was optional and is required now");
}

TEST(CheckEvolution, AddedFieldsMayNotBeRequired) {
  ExpectRefused("- {name: note,", "- {name: more, logicalType: string, required: true}\n      - {name: note,",
                "events.more is new and required");
}

TEST(CheckEvolution, FieldsStay) {
  ExpectRefused("- {name: note, logicalType: string}", "- {name: remark, logicalType: string}",
                "events.note is gone");
  ExpectRefused("{name: age, logicalType: integer}", "{name: years, logicalType: integer}",
                "events.who.age is gone");
}

TEST(CheckEvolution, TypesStay) {
  ExpectRefused("{name: note, logicalType: string}", "{name: note, logicalType: integer}",
                "events.note was a string and is an integer of 64 bits now");
  ExpectRefused("physicalType: INTEGER", "physicalType: BIGINT",
                "events.count was an integer of 32 bits and is an integer of 64 bits now");
  ExpectRefused("DECIMAL(12,2)", "DECIMAL(12,3)",
                "events.amount was a DECIMAL(12,2) and is a DECIMAL(12,3) now");
  ExpectRefused("DECIMAL(12,2)", "DECIMAL(14,2)",
                "events.amount was a DECIMAL(12,2) and is a DECIMAL(14,2) now");
  ExpectRefused("items: {logicalType: string}", "items: {logicalType: date}",
                "events.tags[] was a string and is a date now");
  ExpectRefused(
      "{name: seen, logicalType: timestamp, required: true}",
      "{name: seen, logicalType: timestamp, required: true, logicalTypeOptions: {format: epoch-millis}}",
      "events.seen has another timestamp format now");
}

TEST(CheckEvolution, MeaningStays) {
  ExpectRefused("value: test.events", "value: test.events2",
                "events: the topic was test.events and is test.events2 now");
  ExpectRefused("      - {property: kafka.key, value: id}\n", "",
                "events: the Kafka key was 'id' and is none now");
  ExpectRefused("eventTime, value: at", "eventTime, value: seen",
                "events: the event time was 'at' and is 'seen' now");
  ExpectRefused(", primaryKey: true", "", "events: the primary key was (id) and is none now");
}

TEST(CheckEvolution, PartitioningStays) {
  ExpectRefused("transformLogic: date(at)", "transformLogic: date(seen)",
                "events: the partitioning was date = date(at) and is date = date(seen) now");
  ExpectRefused("{name: date, logicalType: date, partitioned: true, transformLogic: date(at)}",
                "{name: date, logicalType: string, partitioned: true, transformLogic: hour(at)}",
                "events: the partitioning was date = date(at) and is date = hour(at) now");
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
              HasSubstr("the partitioning was date = date(at) and is id, date = date(at) now"));
}

TEST(CheckEvolution, TablesStay) {
  ExpectRefused("- name: events", "- name: happenings", "events is gone");
}

TEST(CheckEvolution, AllReasonsAreGiven) {
  Contract after = After("value: test.events", "value: test.events2");
  after.tables[0].fields[5].name = "remark";
  after.version = "2.0.0";
  const Status status = CheckEvolution(Parse(kBefore), after);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr("contract 2.0.0 cannot follow 1.0.0 in one lake"));
  EXPECT_THAT(status.error().message(), HasSubstr("the topic was"));
  EXPECT_THAT(status.error().message(), HasSubstr("events.note is gone"));
}

}  // namespace
}  // namespace forebay
