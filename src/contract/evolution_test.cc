#include "contract/evolution.h"

#include <string>
#include <vector>

#include "contract/evolution_testing.h"

namespace forebay {
namespace {

using testing::After;
using testing::Changes;
using ::testing::ElementsAre;
using testing::ExpectAllowed;
using testing::ExpectRefused;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kBefore;
using testing::Parse;
using ::testing::StartsWith;

TEST(CompareContracts, NothingChanged) {
  EXPECT_THAT(Changes("version: 1.0.0", "version: 1.0.0"), IsEmpty());
  EXPECT_THAT(Changes("id: test", "name: another\nid: test"), IsEmpty());
}

TEST(CompareContracts, VersionAndId) {
  ExpectAllowed("version: 1.0.0", "version: 1.1.0", "version changed from '1.0.0' to '1.1.0'; ");
  ExpectAllowed("id: test", "id: another", "id changed from 'test' to 'another'; ");
}

TEST(CompareContracts, SettingsMayChange) {
  ExpectAllowed(
      "      - {property: kafka.key, value: id}\n",
      "      - {property: kafka.key, value: id}\n      - {property: parquet.encodings, value: plain}\n",
      "events: encodings changed; ");
  ExpectAllowed("value: 3}", "value: 6}\n      - {property: kafka.retention.ms, value: 1000}",
                "events: settings of the topic changed; ");
  ExpectAllowed("value: at}", "value: at}\n      - {property: eventTime.maxAhead, value: 2d}",
                "events: limits of the event time changed; ");
  ExpectAllowed("schema:\n", "slaProperties: [{property: freshness, value: 5, unit: min}]\nschema:\n",
                "events: service levels changed; ");
}

TEST(CompareContracts, TombstonesMayBecomeRows) {
  const std::string before = "      - {property: kafka.key, value: id}\n";
  const std::string after = before + "      - {property: kafka.tombstones, value: rows}\n";
  ExpectAllowed(before, after, "events: tombstones are rows; ");
  const Contract with = After(before, after);
  const auto changes = CompareContracts(AllLanded(with), Parse(kBefore));
  ASSERT_FALSE(IsAllowed(changes));
  EXPECT_THAT(ChangeTexts(changes, false),
              ::testing::Contains(StartsWith("events: tombstones are no rows any more; ")));
}

TEST(CompareContracts, ValuesKeepTheirOrigin) {
  ExpectRefused(
      "{name: seen, logicalType: timestamp",
      "{name: seen, customProperties: [{property: kafka.source, value: timestamp}], logicalType: timestamp",
      "events.seen: kafka.source changed; ");
  ExpectAllowed(
      "{name: seen, logicalType: timestamp",
      "{name: seen, customProperties: [{property: coerce, value: emptyAsNull}], logicalType: timestamp",
      "events.seen: onWrongValue or coerce changed; ");
}

TEST(CompareContracts, TheTopicStays) {
  ExpectRefused("value: test.events", "value: test.events2",
                "events: topic changed from 'test.events' to 'test.events2'; ");
}

TEST(CompareContracts, KeysStay) {
  ExpectRefused("      - {property: kafka.key, value: id}\n", "",
                "events: Kafka key changed from 'id' to none; ");
  ExpectRefused("kafka.key, value: id", "kafka.key, value: seen",
                "events: Kafka key changed from 'id' to 'seen'");
  ExpectRefused(", primaryKey: true", "", "events: primary key changed from 'id' to none; ");
  ExpectRefused("{name: seen, logicalType: timestamp",
                "{name: seen, primaryKey: true, logicalType: timestamp",
                "events: primary key changed from 'id' to 'id', 'seen'; ");
}

TEST(CompareContracts, TheEventTimeStays) {
  ExpectRefused("eventTime, value: at", "eventTime, value: seen",
                "events: event time changed from 'at' to 'seen'; ");
  ExpectRefused("      - {property: eventTime, value: at}\n", "",
                "events: event time changed from 'at' to none; ");
}

// A table that had none of them may get one.
TEST(CompareContracts, KeysAndEventTimesMayBeAdded) {
  const auto added = [](const std::string& what, const std::string& by) {
    const auto changes = CompareContracts(AllLanded(After(what, by)), Parse(kBefore));
    EXPECT_TRUE(IsAllowed(changes)) << what;
    return ChangeTexts(changes, true);
  };
  EXPECT_THAT(added("      - {property: kafka.key, value: id}\n", ""),
              ElementsAre(StartsWith("events: Kafka key changed from none to 'id'; ")));
  EXPECT_THAT(added(", primaryKey: true", ""),
              ElementsAre(StartsWith("events: primary key changed from none to 'id'; ")));
  EXPECT_THAT(added("      - {property: eventTime, value: at}\n", ""),
              ElementsAre(StartsWith("events: event time changed from none to 'at'; ")));
}

TEST(CompareContracts, PartitioningStays) {
  ExpectRefused("transformLogic: date(at)", "transformLogic: \"date(at, 'Europe/Berlin')\"",
                "events: partitioning changed from date = date(at) to date = date(at, 'Europe/Berlin'); ");
  EXPECT_THAT(Changes("transformLogic: date(at)", "transformLogic: \"date(at, 'UTC')\""), IsEmpty());
  ExpectRefused("transformLogic: date(at)", "transformLogic: date(seen)",
                "events: partitioning changed from date = date(at) to date = date(seen); ");
  ExpectRefused("{name: date, logicalType: date, partitioned: true, transformLogic: date(at)}",
                "{name: date, logicalType: string, partitioned: true, transformLogic: hour(at)}",
                "events: partitioning changed from date = date(at) to date = hour(at); ");
}

TEST(CompareContracts, DimensionsAreNotRemoved) {
  ExpectRefused("      - {name: date, logicalType: date, partitioned: true, transformLogic: date(at)}\n", "",
                "events: partitioning changed from date = date(at) to nothing; ");
}

// Keys, event times and dimensions are those of columns, whatever the members are called.
TEST(CompareContracts, ARenamedFieldKeepsItsRoles) {
  std::string yaml = kBefore;
  const auto replace = [&](const std::string& what, const std::string& by) {
    yaml.replace(yaml.find(what), what.size(), by);
  };
  const std::string aliases = ", customProperties: [{property: aliases, value: ";
  replace("kafka.key, value: id", "kafka.key, value: key");
  replace("{name: id,", "{name: key, physicalName: id" + aliases + "id}],");
  replace("eventTime, value: at", "eventTime, value: created");
  replace("{name: at,", "{name: created, physicalName: at" + aliases + "at}],");
  replace("date(at)", "date(created)");
  const auto changes = CompareContracts(AllLanded(Parse(kBefore)), Parse(yaml));
  EXPECT_THAT(ChangeTexts(changes, true), ElementsAre(StartsWith("events.key: renamed from 'id'; "),
                                                      StartsWith("events.created: renamed from 'at'; ")));
  EXPECT_TRUE(IsAllowed(changes));
}

TEST(CompareContracts, DimensionsAreNotAdded) {
  std::string yaml = kBefore;
  const auto replace = [&](const std::string& what, const std::string& by) {
    yaml.replace(yaml.find(what), what.size(), by);
  };
  replace("{name: id,", "{name: id, partitioned: true, partitionKeyPosition: 1,");
  replace("partitioned: true, transformLogic", "partitioned: true, partitionKeyPosition: 2, transformLogic");
  EXPECT_THAT(
      ChangeTexts(CompareContracts(AllLanded(Parse(kBefore)), Parse(yaml)), false),
      ElementsAre(StartsWith("events: partitioning changed from date = date(at) to id, date = date(at); ")));
}

constexpr char kOthers[] =
    "  - name: others\n    customProperties: [{property: kafka.topic, value: test.others}]\n"
    "    properties: [{name: day, logicalType: date, required: true, partitioned: true},"
    " {name: n, logicalType: string}]\n";
constexpr char kEvents[] = "  - name: events\n";

Contract WithOthers() {
  return After(kEvents, std::string(kOthers) + kEvents);
}

TEST(CompareContracts, TablesMayBeAddedAndRemoved) {
  ExpectAllowed(kEvents, std::string(kOthers) + kEvents, "others: new table; ");
  const auto changes = CompareContracts(AllLanded(WithOthers()), Parse(kBefore));
  EXPECT_THAT(ChangeTexts(changes, true), ElementsAre(StartsWith("others: table removed; its files stay")));
  EXPECT_TRUE(IsAllowed(changes));
}

TEST(CompareContracts, ARemovedTableThatComesBackContinues) {
  LandedContracts before = AllLanded(WithOthers());
  before.newest = Parse(kBefore);
  EXPECT_THAT(ChangeTexts(CompareContracts(before, WithOthers()), true),
              ElementsAre(StartsWith("others: removed table came back; ")));
  Contract other = WithOthers();
  other.tables[0].fields[1].type = FieldType::kDate;
  EXPECT_THAT(ChangeTexts(CompareContracts(before, other), false),
              ElementsAre(StartsWith("others.n: type changed from a string to a date; ")));
}

TEST(CompareContracts, ARenamedTableIsRefused) {
  Contract after = WithOthers();
  after.tables[0].name = "more";
  EXPECT_THAT(ChangeTexts(CompareContracts(AllLanded(WithOthers()), after), false),
              ElementsAre(StartsWith(
                  "more: topic 'test.others' has another table; it was landed as table 'others'")));
}

TEST(CompareContracts, AnotherLakesContractIsRefused) {
  Contract after = Parse(kBefore);
  after.tables[0].name = "more";
  after.tables[0].topic.name = "more";
  EXPECT_THAT(ChangeTexts(CompareContracts(AllLanded(Parse(kBefore)), after), false),
              ElementsAre(StartsWith("none of the landed tables is left; ")));
}

TEST(CompareContracts, NothingBindsATableWithoutRows) {
  LandedContracts before = AllLanded(WithOthers());
  before.tables.erase("others");
  Contract after = WithOthers();
  after.tables[0].fields[1].type = FieldType::kDate;
  after.tables[0].topic.name = "test.more";
  const auto changes = CompareContracts(before, after);
  EXPECT_TRUE(IsAllowed(changes));
  EXPECT_THAT(
      ChangeTexts(changes, true),
      ElementsAre(
          StartsWith("others: topic changed from 'test.others' to 'test.more'; no row of the table was "),
          StartsWith("others.n: type changed from a string to a date; no row of the table was ")));
}

TEST(CheckChanges, AllReasonsAreReported) {
  const Contract before = Parse(kBefore);
  Contract after = After("value: test.events", "value: test.events2");
  after.tables[0].fields[5].type = FieldType::kDate;
  after.version = "2.0.0";
  const Status status = CheckChanges(CompareContracts(AllLanded(before), after), before, after);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(
      status.error().message(),
      StartsWith("incompatible contract change: version 2.0.0 cannot replace version 1.0.0 in this lake; "
                 "undo these changes, or use a new lake:\n  events: topic changed from "));
  EXPECT_THAT(status.error().message(), HasSubstr("\n  events.note: type changed from a string to a date; "));
  EXPECT_TRUE(CheckChanges({}, before, after).ok());
}

TEST(CheckChanges, EqualVersions) {
  const Contract before = Parse(kBefore);
  const Contract after = After("DECIMAL(12,2)", "DECIMAL(12,3)");
  const Status status = CheckChanges(CompareContracts(AllLanded(before), after), before, after);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(
      status.error().message(),
      StartsWith("incompatible contract change: another contract of version 1.0.0 was landed in this lake, "
                 "and this one cannot replace it; undo"));
}

}  // namespace
}  // namespace forebay
