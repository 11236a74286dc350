#include "contract/field_evolution.h"

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
using ::testing::IsEmpty;
using testing::kBefore;
using testing::Parse;
using ::testing::StartsWith;

TEST(CompareFields, AddedFieldsAreOptional) {
  ExpectAllowed("- {name: note,", "- {name: more, logicalType: string}\n      - {name: note,",
                "events.more: new field; rows of earlier files have null");
  ExpectAllowed("{name: age, logicalType: integer}",
                "{name: age, logicalType: integer}, {name: city, logicalType: string}",
                "events.who.city: new field; ");
  ExpectRefused("- {name: note,", "- {name: more, logicalType: string, required: true}\n      - {name: note,",
                "events.more: new field is required; landed rows lack it");
}

// What is in a new object is new with it.
TEST(CompareFields, AddedObjectsMayHaveRequiredMembers) {
  ExpectAllowed(
      "- {name: note,",
      "- {name: more, logicalType: object, properties: [{name: a, logicalType: string, required: true}]}\n"
      "      - {name: note,",
      "events.more: new field; ");
}

TEST(CompareFields, TheOrderOfFieldsIsNoChange) {
  EXPECT_THAT(Changes("      - {name: note, logicalType: string}\n"
                      "      - {name: tags, logicalType: array, items: {logicalType: string}}\n",
                      "      - {name: tags, logicalType: array, items: {logicalType: string}}\n"
                      "      - {name: note, logicalType: string}\n"),
              IsEmpty());
}

TEST(CompareFields, DroppedFieldsKeepTheirColumn) {
  ExpectAllowed("      - {name: note, logicalType: string}\n", "",
                "events.note: field dropped; its column stays, and is null in new files");
  ExpectAllowed(", {name: age, logicalType: integer}", "", "events.who.age: field dropped; ");
  ExpectAllowed("      - {name: seen, logicalType: timestamp, required: true}\n", "",
                "events.seen: field dropped; ");
}

constexpr char kNote[] = "{name: note, logicalType: string}";

// The field `note` under another name.
std::string Remark(const std::string& more) {
  return "{name: remark, logicalType: string" + more + "}";
}

const std::string kAlias = ", customProperties: [{property: aliases, value: [note]}]";

TEST(CompareFields, ARenamedFieldKeepsItsColumn) {
  ExpectAllowed(kNote, Remark(", physicalName: note" + kAlias),
                "events.remark: renamed from 'note'; its column stays 'note', and members of both names are");
  ExpectRefused(
      kNote, Remark(", physicalName: note"),
      "events.remark: renamed from 'note'; records with the former member would have null in column "
      "'note'; add the custom property `aliases`, [note]");
  ExpectRefused(kNote, Remark(kAlias),
                "events.remark: column changed from 'note' to 'remark'; readers would find its values in two "
                "columns; add `physicalName: note`");
  EXPECT_THAT(ChangeTexts(Changes(kNote, Remark(kAlias)), true), IsEmpty());
}

TEST(CompareFields, AColumnKeepsItsName) {
  ExpectRefused(kNote, "{name: note, physicalName: remark, logicalType: string}",
                "events.note: column changed from 'note' to 'remark'; ");
  ExpectRefused("physicalType: INTEGER", "physicalType: BIGINT, physicalName: number",
                "events.count: column changed from 'count' to 'number'; ");
}

// The way out where a column cannot have the new type.
TEST(CompareFields, AnotherTypeMayHaveAnotherColumn) {
  EXPECT_THAT(
      ChangeTexts(Changes(kNote, "{name: note, physicalName: number, logicalType: integer}"), true),
      ElementsAre(StartsWith("events.note: field dropped; "), StartsWith("events.note: new field; ")));
}

TEST(CompareFields, WithoutAnAliasAnotherNameIsAnotherField) {
  EXPECT_THAT(
      ChangeTexts(Changes(kNote, Remark("")), true),
      ElementsAre(StartsWith("events.note: field dropped; its column stays, and is null in new files; a "
                             "member of that name is kept in _extra (if 'remark' is its new name, give that "
                             "field `physicalName: note` and the custom property `aliases`, [note])"),
                  StartsWith("events.remark: new field; ")));
}

TEST(CompareFields, AliasesMayChange) {
  ExpectAllowed(kNote,
                "{name: note, logicalType: string, customProperties: [{property: aliases, value: [nt]}]}",
                "events.note: new alias 'nt'; ");
  const LandedContracts before = AllLanded(After(kNote, Remark(", physicalName: note" + kAlias)));
  EXPECT_THAT(ChangeTexts(CompareContracts(before, After(kNote, Remark(", physicalName: note"))), true),
              ElementsAre(StartsWith(
                  "events.remark: alias 'note' removed; members of that name are kept in _extra")));
}

TEST(CompareFields, MembersAreRenamedToo) {
  ExpectAllowed(
      "{name: age, logicalType: integer}",
      "{name: years, physicalName: age, logicalType: integer, customProperties: [{property: aliases, value: "
      "age}]}",
      "events.who.years: renamed from 'age'; ");
}

TEST(CompareFields, Nullability) {
  ExpectAllowed("{name: seen, logicalType: timestamp, required: true}",
                "{name: seen, logicalType: timestamp}",
                "events.seen: required field became optional; readers may find null");
  ExpectRefused("{name: note, logicalType: string}", "{name: note, logicalType: string, required: true}",
                "events.note: optional field became required; landed rows may lack it");
  ExpectRefused("items: {logicalType: string}", "items: {logicalType: string, required: true}",
                "events.tags[]: optional field became required; ");
  ExpectAllowed("[{name: name, logicalType: string, required: true}", "[{name: name, logicalType: string}",
                "events.who.name: required field became optional; ");
}

TEST(CompareFields, NumbersMayBecomeWider) {
  ExpectAllowed(
      "physicalType: INTEGER", "physicalType: BIGINT",
      "events.count: type changed from an integer of 32 bits to an integer of 64 bits; earlier files keep");
  ExpectAllowed("DECIMAL(12,2)", "DECIMAL(18,2)",
                "events.amount: type changed from a DECIMAL(12,2) to a DECIMAL(18,2); earlier files keep");
  ExpectRefused("DECIMAL(12,2)", "DECIMAL(19,2)", "events.amount: type changed from a DECIMAL(12,2) to a ");
  ExpectRefused("DECIMAL(12,2)", "DECIMAL(12,3)", "events.amount: type changed from a DECIMAL(12,2) to a ");
  ExpectRefused(
      "DECIMAL(12,2)", "DECIMAL(10,2)",
      "events.amount: type changed from a DECIMAL(12,2) to a DECIMAL(10,2); landed values may not fit");
  ExpectRefused(
      "value: {logicalType: integer}", "value: {logicalType: integer, physicalType: INTEGER}",
      "events.sizes[]: type changed from an integer of 64 bits to an integer of 32 bits; landed values");
}

TEST(CompareFields, OtherTypesStay) {
  ExpectRefused("{name: note, logicalType: string}", "{name: note, logicalType: integer}",
                "events.note: type changed from a string to an integer of 64 bits; readers do not");
  ExpectRefused("logicalType: integer, physicalType: INTEGER", "logicalType: number",
                "events.count: type changed from an integer of 32 bits to a number; ");
  ExpectRefused("{name: note, logicalType: string}", "{name: note, logicalType: object}",
                "events.note: type changed from a string to JSON; ");
  ExpectRefused("items: {logicalType: string}", "items: {logicalType: date}",
                "events.tags[]: type changed from a string to a date; ");
  ExpectRefused("value: {logicalType: integer}", "value: {logicalType: string}",
                "events.sizes[]: type changed from an integer of 64 bits to a string; ");
  ExpectRefused("logicalType: map, map: {key: {logicalType: string}, value: {logicalType: integer}}",
                "logicalType: object", "events.sizes: type changed from a map to JSON; ");
}

TEST(CompareFields, UnitsOfTimestampsStay) {
  const std::string seen = "{name: seen, logicalType: timestamp, required: true";
  ExpectRefused(seen, seen + ", logicalTypeOptions: {format: epoch-millis}",
                "events.seen: timestamp format changed; the same number would be another instant");
  ExpectAllowed(seen, seen + ", logicalTypeOptions: {format: rfc3339}",
                "events.seen: new rule format: 'rfc3339'; ");
}

TEST(CompareFields, InstantsAndLocalTimestampsAreTwoTypes) {
  const std::string seen = "{name: seen, logicalType: timestamp, required: true";
  ExpectRefused(
      seen, seen + ", physicalType: TIMESTAMP_NTZ",
      "events.seen: type changed from a timestamp to a local timestamp; the values of earlier files "
      "would be other times; give the field another column");
}

TEST(CompareFields, PatternsOfTimesMayChange) {
  const std::string seen = "{name: seen, logicalType: timestamp, required: true";
  ExpectAllowed(seen, seen + ", logicalTypeOptions: {format: 'dd.MM.yyyy HH:mmXXX'}",
                "events.seen: new rule format: 'dd.MM.yyyy HH:mmXXX'; it is for records");
}

TEST(CompareFields, RulesMayChange) {
  const std::string note = "{name: note, logicalType: string";
  ExpectAllowed(note, note + ", logicalTypeOptions: {maxLength: 3}",
                "events.note: new rule maxLength: '3'; it is for records that are landed from now on");
  ExpectAllowed(note, note + ", enum: [{value: a}, {value: b}]", "events.note: new rule enum: 'a', 'b'; ");
  const std::string count = "physicalType: INTEGER";
  Contract bounded = After(count, count + ", logicalTypeOptions: {minimum: -5, maximum: 100}");
  const auto from_bounded = [&](const std::string& options) {
    return ChangeTexts(
        CompareContracts(AllLanded(bounded), After(count, count + ", logicalTypeOptions: {" + options + "}")),
        true);
  };
  EXPECT_THAT(from_bounded("minimum: -5, maximum: 1000"),
              ElementsAre(StartsWith("events.count: maximum changed from '100' to '1000'; ")));
  EXPECT_THAT(from_bounded("maximum: 100"), ElementsAre(StartsWith("events.count: minimum removed: '-5'; ")));
}

TEST(CompareFields, EnumsNameTheirValues) {
  const std::string note = "{name: note, logicalType: string";
  const Contract before = After(note, note + ", enum: [{value: a}, {value: b}]");
  const Contract after = After(note, note + ", enum: [{value: b}, {value: c}, {value: d}]");
  EXPECT_THAT(ChangeTexts(CompareContracts(AllLanded(before), after), true),
              ElementsAre(StartsWith(
                  "events.note: enum has more values: 'c', 'd', enum has no longer the values 'a'; ")));
  EXPECT_THAT(ChangeTexts(CompareContracts(AllLanded(before), Parse(kBefore)), true),
              ElementsAre(StartsWith("events.note: enum removed; ")));
}

// The newest form has no `note`, an earlier one had.
class ReturningField : public ::testing::Test {
 protected:
  std::vector<ContractChange> Return(const std::string& field) {
    return CompareContracts(before_, After(kNote, field));
  }

  const Contract without_ = After("      - {name: note, logicalType: string}\n", "");
  LandedContracts before_{without_, {{"events", {without_.tables[0], Parse(kBefore).tables[0]}}}, {}};
};

TEST_F(ReturningField, HasTheFormerType) {
  EXPECT_THAT(ChangeTexts(Return(kNote), true),
              ElementsAre(StartsWith("events.note: dropped field came back; ")));
}

TEST_F(ReturningField, OfAnotherTypeIsRefused) {
  EXPECT_THAT(ChangeTexts(Return("{name: note, logicalType: integer}"), false),
              ElementsAre(StartsWith(
                  "events.note: dropped field came back, an integer of 64 bits instead of a string; ")));
}

TEST_F(ReturningField, CannotBeRequired) {
  EXPECT_THAT(ChangeTexts(Return("{name: note, logicalType: string, required: true}"), false),
              ElementsAre(StartsWith("events.note: dropped field came back as a required one; ")));
}

TEST_F(ReturningField, InAnotherCaseIsRefused) {
  EXPECT_THAT(
      ChangeTexts(Return("{name: Note, logicalType: string}"), false),
      ElementsAre(StartsWith("events.Note: new field; files have the column 'note', which differs in case")));
}

TEST_F(ReturningField, MayHaveAnotherTypeInAnotherColumn) {
  EXPECT_THAT(ChangeTexts(Return("{name: note, physicalName: number, logicalType: integer}"), true),
              ElementsAre(StartsWith("events.note: new field; ")));
}

TEST_F(ReturningField, StaysAwayWithoutAChange) {
  EXPECT_THAT(CompareContracts(before_, without_), IsEmpty());
}

TEST(ReturningObject, HasTheFormerMembers) {
  const std::string who =
      "      - {name: who, logicalType: object, properties: [{name: name, logicalType: string, required: "
      "true}, "
      "{name: age, logicalType: integer}]}\n";
  const Contract without = After(who, "");
  const LandedContracts before{without, {{"events", {without.tables[0], Parse(kBefore).tables[0]}}}, {}};
  EXPECT_THAT(ChangeTexts(CompareContracts(before, Parse(kBefore)), true),
              ElementsAre(StartsWith("events.who: dropped field came back; ")));
  EXPECT_THAT(ChangeTexts(CompareContracts(before, After("{name: age, logicalType: integer}",
                                                         "{name: age, logicalType: date}")),
                          false),
              ElementsAre(StartsWith("events.who.age: type changed from an integer of 64 bits to a date; ")));
}

}  // namespace
}  // namespace forebay
