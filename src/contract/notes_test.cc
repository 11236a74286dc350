// What a contract may say although landing does not enforce it: each kind is accepted, and noted at its line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/testing.h"

namespace forebay {
namespace {

using testing::HasSubstr;

class NoteTest : public testing::TestWithParam<DiagnosticCase> {};

// Uses the members of a DiagnosticCase for a note.
TEST_P(NoteTest, IsTheOnlyOne) {
  const DiagnosticCase& c = GetParam();
  const ContractCheck check = CheckContract(Replaced(c.line, c.replacement));
  ASSERT_TRUE(check.contract) << check.diagnostics[0].text;
  ASSERT_EQ(check.notes.size(), 1u);
  EXPECT_EQ(check.notes[0].line, c.diagnostic_line);
  EXPECT_THAT(check.notes[0].text, HasSubstr("; "));
  for (const std::string& part : c.parts) EXPECT_THAT(check.notes[0].text, HasSubstr(part));
}

INSTANTIATE_TEST_SUITE_P(
    Keys, NoteTest,
    testing::Values(
        DiagnosticCase{"UnknownKey",
                       "id: test",
                       "id: test\nx-owner: me",
                       4,
                       {"contract: the key 'x-owner' is unknown", "it is not read"}},
        DiagnosticCase{"NewApi",
                       "apiVersion: v3.2.0",
                       "apiVersion: v3.9.0",
                       1,
                       {"the apiVersion 'v3.9.0' is not supported", "read as v3.2.0"}},
        DiagnosticCase{"UnknownTableKey",
                       "- name: events",
                       "- name: events\n  fields: []",
                       7,
                       {"table 'events': the key 'fields' is unknown"}},
        DiagnosticCase{"TableName",
                       "- name: others",
                       "- name: _others/all",
                       27,
                       {"the name '_others/all' cannot be that of a table's directory", "is 'others_all'"}},
        DiagnosticCase{"Blob",
                       "- name: others",
                       "- name: others\n  logicalType: blob",
                       28,
                       {"table 'others': it is not landed", "the logicalType is 'blob'"}},
        ExtraIs("NestedUnknownKey",
                "logicalType: object, properties: [{name: a, logicalType: string, typ: b}]",
                {"field 'events.extra.a': the key 'typ' is unknown"}),
        ExtraIs(
            "PrimaryKeyInAnArray",
            "logicalType: array, items: {logicalType: object, properties: [{name: a, logicalType: string, "
            "primaryKey: true}]}",
            {"field 'events.extra[].a': 'primaryKey' in an array or a map is not used"}),
        ExtraIs("PrimaryKeyIsAnArray", "logicalType: array, items: {logicalType: string}, primaryKey: true",
                {"field 'events.extra': the primary key has an array", "not compared as a part of the key"}),
        ExtraIs("TransformOfAnotherTool",
                "logicalType: string, partitioned: true, transformLogic: \"bucket(16, id)\"",
                {"'transformLogic' is not run", "the field is read from the record"}),
        ExtraIs("Unique", "logicalType: string, unique: true",
                {"field 'events.extra': 'unique' is not enforced", "for other tools"}),
        ExtraIs("PositionAlone", "logicalType: string, primaryKeyPosition: 2",
                {"primaryKeyPosition without primaryKey", "not in the primary key"}),
        ExtraIs("PartitionPositionAlone", "logicalType: string, partitionKeyPosition: 2",
                {"partitionKeyPosition without partitioned"}),
        ExtraIs("Transform", "logicalType: string, transformLogic: select a from b",
                {"'transformLogic' is not run", "the field is read from the record"}),
        DiagnosticCase{
            "NotInKafka",
            "customProperties: [{property: kafka.topic, value: test.others}]",
            "physicalType: table",
            27,
            {"table 'others': it is not landed", "the custom property kafka.topic, or physicalName"}},
        DiagnosticCase{
            "TableWithoutProperties",
            "- name: others",
            "- name: empty\n  customProperties: [{property: kafka.topic, value: test.empty}]\n- name: others",
            27,
            {"table 'empty': it is not landed", "`forebay contract infer`"}},
        DiagnosticCase{"PhysicalNameIsNoTopic",
                       "customProperties: [{property: kafka.topic, value: test.others}]",
                       "physicalName: db/others",
                       27,
                       {"table 'others': it is not landed"}}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Types, NoteTest,
    testing::Values(
        ExtraIs("LogicalTypeOfAnotherStandard", "logicalType: long",
                {"the logicalType 'long' is not one of ODCS", "read as an integer"}),
        ExtraIs("NoType", "required: true", {"it has no logicalType", "any value is landed, as JSON text"}),
        ExtraIs("MapOfIntegers",
                "logicalType: map, map: {key: {logicalType: integer}, value: {logicalType: string}}",
                {"the keys are of logicalType an integer", "their column is a string"}),
        ExtraOptions("TimezoneOfATime", "time", "timezone: true", {"a time has no offset"}),
        ExtraIs("IntegerForAString", "logicalType: string, physicalType: INTEGER",
                {"the physicalType 'INTEGER' is not used", "the logicalType decides"}),
        ExtraIs("TextForAnInteger", "logicalType: integer, physicalType: VARCHAR",
                {"the physicalType 'VARCHAR' is not used"}),
        ExtraIs("UnknownPhysicalType", "logicalType: string, physicalType: HSTORE",
                {"the physicalType 'HSTORE' is not used"}),
        ExtraIs("BrokenPhysicalType", "logicalType: number, physicalType: 'DECIMAL(12,2'",
                {"the physicalType 'DECIMAL(12,2' is not used"}),
        ExtraIs("BareDecimal", "logicalType: number, physicalType: DECIMAL",
                {"the column is a DOUBLE", "DECIMAL(12,2)"}),
        ExtraIs("WideDecimal", "logicalType: number, physicalType: 'DECIMAL(39,2)'",
                {"the column is a DOUBLE", "at most 38 digits"}),
        ExtraIs("WideInteger", "logicalType: integer, physicalType: 'NUMBER(38,0)'",
                {"the column has 64 bits"}),
        ExtraOptions("WideIntegerFormat", "integer", "format: u128", {"the column has 64 bits"}),
        ExtraIs("LocalTypeOfInstants",
                "logicalType: timestamp, physicalType: DATETIME, "
                "logicalTypeOptions: {format: \"yyyy-MM-dd'T'HH:mm:ssZ\"}",
                {"physicalType says that its timestamps have no time zone, and their format has one",
                 "instants, in UTC"}),
        ExtraOptions("LocalNumbers", "timestamp", "format: epoch-millis, timezone: false",
                     {"timezone says that its timestamps have no time zone"}),
        ExtraOptions("TimezoneOfInstants", "timestamp",
                     "format: epoch-millis, defaultTimezone: Europe/Berlin", {"defaultTimezone is not used"}),
        ExtraOptions("DatePattern", "date", "format: YYYY-'W'ww",
                     {"the format 'YYYY-'W'ww' of a date is not used", "dates are read as yyyy-MM-dd"}),
        ExtraOptions("TimePattern", "time", "format: 'HH:mmXXX'", {"times are read as HH:mm:ss"}),
        ExtraOptions("TimestampPattern", "timestamp", "format: HH:mm:ss",
                     {"timestamps are read as without a format"}),
        ExtraOptions("PatternWithoutOffset", "timestamp", "format: yyyy-MM-dd HH:mm:ss",
                     {"in its format, timestamps have no offset", "'defaultTimezone'", "'timezone: false'"}),
        ExtraOptions("PatternWithAnOptionalOffset", "timestamp", "format: 'yyyy-MM-dd HH:mm:ss[X]'",
                     {"in its format, timestamps may have no offset", "they are taken in UTC"}),
        ExtraOptions("NumberFormat", "number", "format: decimal", {"'decimal' of a number is not used"})),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Rules, NoteTest,
    testing::Values(
        ExtraIs("FormatDiffers",
                "logicalType: integer, physicalType: BIGINT, logicalTypeOptions: {format: i32}",
                {"differ, which has 64 bits", "the column has 32 bits"}),
        ExtraOptions("OptionOfAnotherType", "integer", "pattern: a",
                     {"(an integer): the key 'pattern' is unknown", "it is not read"}),
        ExtraOptions("OptionsOfBoolean", "boolean", "minimum: 1", {"the key 'minimum' is unknown"}),
        ExtraOptions("StringFormat", "string", "format: iban",
                     {"the format 'iban' is not checked", "'pattern'"}),
        ExtraIs("EnumOfBooleans", "logicalType: boolean, enum: [{value: true}]",
                {"the enum of a boolean is not checked"}),
        ExtraIs("MinProperties", "logicalType: map, logicalTypeOptions: {minProperties: 1}",
                {"the rule 'minProperties' is not checked"}),
        ExtraOptions("NormalizedVector", "vector", "dimensions: 2, normalized: true, distanceMetric: cosine",
                     {"the rule 'normalized' is not checked"}),
        ExtraIs("RequiredOfAnyObject", "logicalType: object, logicalTypeOptions: {required: [a]}",
                {"the rule 'required' is not checked", "lands as JSON text"}),
        ExtraIs("UniqueObjects",
                "logicalType: array, items: {logicalType: array, items: {logicalType: string}}, "
                "logicalTypeOptions: {uniqueItems: true}",
                {"the rule 'uniqueItems' is not checked"})),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    ServiceLevels, NoteTest,
    testing::Values(DiagnosticCase{"NoUnit",
                                   kSla,
                                   "- {property: freshness, value: 5}",
                                   32,
                                   {"the unit of freshness is missing", "ms, s, min"}},
                    DiagnosticCase{"UnknownUnit",
                                   kSla,
                                   "- {property: freshness, value: 5, unit: fortnight}",
                                   32,
                                   {"the unit of freshness is 'fortnight'"}},
                    DiagnosticCase{"TextValue",
                                   kSla,
                                   "- {property: freshness, value: soon, unit: min}",
                                   32,
                                   {"the value of freshness is the text 'soon'"}},
                    DiagnosticCase{"Element",
                                   kSla,
                                   "- {property: freshness, value: 5, unit: min, element: clicks.at}",
                                   32,
                                   {"'clicks.at' is not a landed table"}}),
    CaseName);

TEST(Notes, AValidContractHasNone) {
  EXPECT_TRUE(CheckContract(kValid).notes.empty());
}

TEST(Notes, WhatTheStandardHasForOtherToolsIsMarked) {
  const ContractCheck check = CheckContract(
      Replaced(kExtra, "- {name: extra, logicalType: string, unique: true, quality: [], x: y}"));
  std::vector<bool> marked;
  for (const Note& note : check.notes) marked.push_back(note.for_other_tools);
  EXPECT_THAT(marked, testing::UnorderedElementsAre(true, true, false));
}

}  // namespace
}  // namespace forebay
