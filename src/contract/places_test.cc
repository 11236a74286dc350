// Names of members, columns and dimensions, and the places of keys, event times and dimensions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/field_place.h"
#include "contract/testing.h"

namespace forebay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A table with these properties; `custom` is a list of custom properties in YAML.
std::string TableYaml(const std::string& properties, const std::string& custom = "") {
  return "apiVersion: v3.2.0\nkind: DataContract\nid: test\nversion: 1.0.0\nschema:\n  - name: events\n"
         "    customProperties: [{property: kafka.topic, value: test}" +
         (custom.empty() ? "" : ", " + custom) + "]\n    properties:\n" + properties;
}

struct Checked {
  Table table;
  std::vector<std::string> notes;
};

Checked Check(const std::string& yaml) {
  const ContractCheck check = CheckContract(yaml);
  Checked checked;
  for (const Diagnostic& diagnostic : check.diagnostics)
    ADD_FAILURE() << diagnostic.line << ": " << diagnostic.text;
  for (const Note& note : check.notes) checked.notes.push_back(note.text);
  if (check.contract) checked.table = check.contract->tables.at(0);
  return checked;
}

std::vector<std::string> Columns(const std::vector<Field>& fields) {
  std::vector<std::string> columns;
  for (const Field& field : fields) columns.push_back(field.column);
  return columns;
}

constexpr char kDay[] = "      - {name: day, logicalType: date, required: true, partitioned: true}\n";

TEST(Columns, HaveTheNamesOfTheMembers) {
  const auto [table, notes] = Check(TableYaml(std::string(kDay) + R"yaml(
      - {name: "@timestamp", logicalType: string}
      - {name: user-id, logicalType: string}
      - {name: a.b, logicalType: string}
      - {name: $ref, logicalType: string}
      - {name: größe, logicalType: string}
      - {name: "1st place", logicalType: string}
      - {name: renamed, logicalType: string, physicalName: other}
)yaml"));
  EXPECT_THAT(Columns(table.fields),
              ElementsAre("day", "@timestamp", "user-id", "a.b", "$ref", "größe", "1st place", "other"));
  EXPECT_EQ(table.fields.back().name, "renamed");
  EXPECT_THAT(notes, ElementsAre());
}

TEST(Columns, AreMovedWhereReadersReserveTheName) {
  const auto [table, notes] = Check(TableYaml(std::string(kDay) + R"yaml(
      - {name: _extra, logicalType: string}
      - {name: extra, logicalType: string}
      - {name: _Kafka_offset, logicalType: string}
      - {name: a, physicalName: _kafka_partition, logicalType: string}
      - {name: _other, logicalType: string}
      - {name: "", logicalType: string}
      - name: nested
        logicalType: object
        properties: [{name: "", logicalType: string}, {name: _extra, logicalType: string}]
)yaml"));
  EXPECT_THAT(Columns(table.fields), ElementsAre("day", "extra", "extra_", "Kafka_offset", "kafka_partition",
                                                 "_other", "empty", "nested"));
  EXPECT_THAT(Columns(table.fields.back().fields), ElementsAre("empty", "_extra"));
  EXPECT_THAT(
      notes,
      ElementsAre(HasSubstr("the name is reserved for columns that Forebay adds; its column is "
                            "'extra'"),
                  HasSubstr("another column has the name; its column is 'extra_'"),
                  HasSubstr("its column is 'Kafka_offset'"), HasSubstr("its column is 'kafka_partition'"),
                  HasSubstr("not every reader takes a column without a name"),
                  HasSubstr("field 'events.nested.': not every reader")));
}

TEST(Columns, ThatDifferInCaseAreNoted) {
  const auto [table, notes] = Check(TableYaml(std::string(kDay) + R"yaml(
      - {name: id, logicalType: string}
      - {name: ID, logicalType: string}
      - {name: Id, logicalType: string, physicalName: number}
)yaml"));
  EXPECT_THAT(Columns(table.fields), ElementsAre("day", "id", "ID", "number"));
  EXPECT_THAT(notes,
              ElementsAre(HasSubstr("field 'events.ID': the name differs from 'id' in line 11 only in case; "
                                    "readers that ignore case need a setting")));
}

TEST(Dimensions, HaveNamesThatDirectoriesCanHave) {
  const auto [table, notes] = Check(TableYaml(R"yaml(
      - {name: at, logicalType: timestamp, required: true}
      - {name: _day, partitioned: true, transformLogic: date(at)}
      - {name: AT, partitioned: true, transformLogic: hour(at)}
      - {name: "a b/c", logicalType: string, required: true, partitioned: true}
      - {name: größe, logicalType: string, required: true, partitioned: true}
)yaml"));
  EXPECT_EQ(table.DescribePartitioning(), "day = date(at), AT_ = hour(at), a_b_c = a b/c, größe");
  EXPECT_THAT(Columns(table.fields), ElementsAre("at", "a_b_c", "größe"));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("'_day' has a name that not every reader takes there; its "
                                           "directories are day=..."),
                                 HasSubstr("'AT'"), HasSubstr("'a b/c'")));
}

TEST(Dimensions, LongNamesAreCutBetweenCharacters) {
  const std::string name = std::string(53, 'd') + "öö";
  const auto [table, notes] = Check(
      TableYaml("      - {name: " + name + ", logicalType: string, required: true, partitioned: true}\n"));
  EXPECT_EQ(table.dimensions[0].name, std::string(53, 'd'));
  EXPECT_EQ(notes.size(), 1u);
}

TEST(Dimensions, NoneIsOneDirectory) {
  const auto [table, notes] = Check(TableYaml("      - {name: id, logicalType: string}\n"));
  EXPECT_TRUE(table.dimensions.empty());
  EXPECT_EQ(table.DescribePartitioning(), "nothing");
  EXPECT_THAT(notes, ElementsAre(HasSubstr("no partition dimension; all files of the table are in one")));
}

TEST(Dimensions, ATimestampIsPartitionedByItsDate) {
  const auto [table, notes] =
      Check(TableYaml("      - {name: at, logicalType: timestamp, partitioned: true}\n"));
  EXPECT_EQ(table.DescribePartitioning(), "at_date = date(at)");
  EXPECT_FALSE(table.InPathOnly(0));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("the dimension is its date, at_date = date(at)")));
}

TEST(Dimensions, OfALocalTimestampAreThoseOfItsCalendar) {
  const auto [table, notes] =
      Check(TableYaml("      - {name: at, logicalType: timestamp, physicalType: TIMESTAMP_NTZ}\n"
                      "      - {name: hour, partitioned: true, transformLogic: hour(at)}\n"));
  EXPECT_EQ(table.DescribePartitioning(), "hour = hour(at)");
  EXPECT_TRUE(notes.empty());
}

TEST(Dimensions, OfALocalTimestampHaveNoTimeZone) {
  const ContractCheck check = CheckContract(
      TableYaml("      - {name: at, logicalType: timestamp, physicalType: TIMESTAMP_NTZ}\n"
                "      - {name: hour, partitioned: true, transformLogic: \"hour(at, 'Asia/Tokyo')\"}\n"));
  ASSERT_EQ(check.diagnostics.size(), 1u);
  EXPECT_THAT(check.diagnostics[0].text, HasSubstr("gives 'at', which is a local timestamp, a time zone"));
}

TEST(Dimensions, ANumberIsNone) {
  const auto [table, notes] =
      Check(TableYaml(std::string(kDay) + "      - {name: price, logicalType: number, partitioned: true}\n"));
  EXPECT_EQ(table.DescribePartitioning(), "day");
  EXPECT_THAT(notes, testing::Contains(HasSubstr("a number is a partition dimension; it is not used")));
}

TEST(Dimensions, OfEachTransform) {
  const auto [table, notes] = Check(TableYaml(R"yaml(
      - {name: at, logicalType: timestamp, required: true}
      - {name: born, logicalType: date}
      - {name: y, logicalType: integer, partitioned: true, transformLogic: year(at)}
      - {name: m, logicalType: string, partitioned: true, transformLogic: "months( at , 'Asia/Tokyo' )"}
      - {name: d, partitioned: true, transformLogic: day(born)}
      - {name: h, partitioned: true, transformLogic: HOUR(_kafka_timestamp)}
)yaml"));
  EXPECT_EQ(table.DescribePartitioning(),
            "y = year(at), m = month(at, 'Asia/Tokyo'), d = date(born), h = hour(_kafka_timestamp)");
  EXPECT_TRUE(IsOptionalAt(table, table.dimensions[2].source));
  EXPECT_TRUE(IsOptionalAt(table, table.dimensions[3].source)) << "a record may have no timestamp";
  EXPECT_THAT(notes, ElementsAre());
}

constexpr char kNested[] = R"yaml(
      - name: payload
        logicalType: object
        required: true
        properties:
          - {name: created.at, logicalType: timestamp, required: true}
          - name: repo
            logicalType: object
            properties:
              - {name: id, logicalType: integer, required: true, primaryKey: true, primaryKeyPosition: 2}
              - {name: owner, logicalType: string, required: true, partitioned: true, partitionKeyPosition: 1}
      - {name: id, logicalType: integer, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: date, partitioned: true, partitionKeyPosition: 2, transformLogic: "date(/payload/created.at)"}
)yaml";

TEST(Places, OfNestedFields) {
  const auto [table, notes] = Check(TableYaml(kNested,
                                              "{property: eventTime, value: payload.created.at}, "
                                              "{property: kafka.key, value: payload.repo.id}"));
  EXPECT_EQ(table.event_time, (FieldPlace{0, 0}));
  EXPECT_EQ(table.key, (FieldPlace{0, 1, 0}));
  EXPECT_THAT(table.primary_key, ElementsAre(FieldPlace{1}, FieldPlace{0, 1, 0}));
  EXPECT_EQ(table.DescribePartitioning(), "owner = payload.repo.owner, date = date(payload.created.at)");
  EXPECT_FALSE(IsOptionalAt(table, *table.event_time));
  EXPECT_TRUE(IsOptionalAt(table, *table.key)) << "the object around it is optional";
  EXPECT_FALSE(table.InPathOnly(table.dimensions[0].source)) << "a column of an object stays in the file";
  EXPECT_THAT(notes, ElementsAre());
}

TEST(Places, ADimensionOfANestedFieldGetsOutOfTheWay) {
  const auto [table, notes] = Check(TableYaml(R"yaml(
      - {name: owner, logicalType: string}
      - name: repo
        logicalType: object
        properties: [{name: owner, logicalType: string, partitioned: true}]
)yaml"));
  EXPECT_EQ(table.DescribePartitioning(), "owner_ = repo.owner");
}

TEST(Places, EventTimeOfKafka) {
  const Table table = Check(TableYaml(kDay, "{property: eventTime, value: _kafka_timestamp}")).table;
  EXPECT_EQ(table.event_time, FieldPlace());
  EXPECT_EQ(PathAt(table, *table.event_time), "_kafka_timestamp");
}

TEST(Places, ANearNameIsSuggested) {
  const ContractCheck check =
      CheckContract(TableYaml(kNested, "{property: eventTime, value: payload.createdat}"));
  ASSERT_EQ(check.diagnostics.size(), 1u);
  EXPECT_THAT(check.diagnostics[0].text, HasSubstr("did you mean 'payload.created.at'?"));
}

TEST(Places, TextsThatNameFields) {
  const std::vector<Field> fields = Check(TableYaml(R"yaml(
      - {name: a.b, logicalType: string}
      - {name: a/b~c, logicalType: string}
      - name: a
        logicalType: object
        properties:
          - {name: b, logicalType: string}
          - {name: "", logicalType: string}
          - {name: list, logicalType: array, items: {logicalType: object, properties: [{name: x, logicalType: string}]}}
)yaml"))
                                        .table.fields;
  EXPECT_EQ(FindPlace(fields, "a.b"), FieldPlace{0}) << "a name before a path";
  EXPECT_EQ(FindPlace(fields, "/a.b"), FieldPlace{0});
  EXPECT_EQ(FindPlace(fields, "/a/b"), (FieldPlace{2, 0}));
  EXPECT_EQ(FindPlace(fields, "/a/"), (FieldPlace{2, 1}));
  EXPECT_EQ(FindPlace(fields, "/a~1b~0c"), FieldPlace{1});
  for (const char* none : {"", "b", "a.x", "/a/x", "a.list.x", "a.b.c", "/"}) {
    EXPECT_EQ(FindPlace(fields, none), std::nullopt) << none;
  }
  EXPECT_EQ(FindPlace(fields, "a."), (FieldPlace{2, 1}));
}

constexpr char kFromKafka[] = R"yaml(
      - {name: id, logicalType: integer, customProperties: [{property: kafka.source, value: key.payload.id}]}
      - {name: whole, logicalType: string, required: true, customProperties: [{property: kafka.source, value: key}]}
      - {name: dots, logicalType: string, customProperties: [{property: kafka.source, value: key/a.b/c}]}
      - {name: trace, logicalType: string, customProperties: [{property: kafka.source, value: "header:trace:id"}]}
      - {name: part, logicalType: integer, physicalType: INTEGER, customProperties: [{property: kafka.source, value: partition}]}
      - {name: at, logicalType: timestamp, required: true, customProperties: [{property: kafka.source, value: timestamp}]}
      - {name: text, logicalType: string, required: true}
)yaml";

TEST(Sources, OfFieldsOutsideTheValue) {
  const auto [table, notes] = Check(TableYaml(std::string(kDay) + kFromKafka));
  const auto& fields = table.fields;
  EXPECT_EQ(Get(fields, "id").source, FieldSource::kKey);
  EXPECT_THAT(Get(fields, "id").source_path, ElementsAre("payload", "id"));
  EXPECT_THAT(Get(fields, "whole").source_path, ElementsAre());
  EXPECT_THAT(Get(fields, "dots").source_path, ElementsAre("a.b", "c"));
  EXPECT_EQ(Get(fields, "trace").source, FieldSource::kHeader);
  EXPECT_THAT(Get(fields, "trace").source_path, ElementsAre("trace:id"));
  EXPECT_EQ(Get(fields, "part").source, FieldSource::kPartition);
  EXPECT_EQ(Get(fields, "at").source, FieldSource::kTimestamp);
  EXPECT_FALSE(Get(fields, "text").nullable);
}

TEST(Sources, WithTombstonesAsRowsColumnsOfTheValueAreNullable) {
  const Table table =
      Check(TableYaml(std::string(kDay) + kFromKafka, "{property: kafka.tombstones, value: rows}")).table;
  EXPECT_TRUE(table.tombstones_are_rows);
  EXPECT_TRUE(Get(table.fields, "text").nullable);
  EXPECT_FALSE(Get(table.fields, "whole").nullable) << "the key is there";
}

TEST(Leniency, OfATableAndOfItsFields) {
  const auto [table, notes] = Check(
      TableYaml(std::string(kDay) + R"yaml(
      - {name: a, logicalType: integer}
      - {name: b, logicalType: integer, required: true}
      - {name: c, logicalType: integer, customProperties: [{property: onWrongValue, value: reject}, {property: coerce, value: none}]}
      - name: list
        logicalType: array
        customProperties: [{property: coerce, value: [emptyAsNull]}]
        items: {logicalType: object, properties: [{name: x, logicalType: string}]}
)yaml",
                "{property: onWrongValue, value: setNull}, {property: coerce, value: numbersInStrings}"));
  const Field& a = Get(table.fields, "a");
  EXPECT_TRUE(a.null_if_wrong);
  EXPECT_TRUE(a.coercions.numbers_in_strings);
  EXPECT_FALSE(Get(table.fields, "b").null_if_wrong) << "a required field";
  EXPECT_FALSE(Get(table.fields, "c").null_if_wrong);
  EXPECT_FALSE(Get(table.fields, "c").coercions.numbers_in_strings);
  const Field& element = Get(table.fields, "list").element();
  EXPECT_FALSE(element.null_if_wrong);
  EXPECT_TRUE(element.fields[0].null_if_wrong);
  EXPECT_TRUE(element.fields[0].coercions.empty_as_null);
  EXPECT_FALSE(element.fields[0].coercions.numbers_in_strings);
}

TEST(Aliases, AreReadFromCustomProperties) {
  const Table table = Check(TableYaml(std::string(kDay) + R"yaml(
      - {name: user, logicalType: string, customProperties: [{property: aliases, value: [usr, u-ser]}]}
      - name: nested
        logicalType: object
        properties: [{name: a, logicalType: string, customProperties: [{property: aliases, value: b}]}]
)yaml"))
                          .table;
  EXPECT_THAT(table.fields[1].aliases, ElementsAre("usr", "u-ser"));
  EXPECT_THAT(table.fields[2].fields[0].aliases, ElementsAre("b"));
}

}  // namespace
}  // namespace forebay
