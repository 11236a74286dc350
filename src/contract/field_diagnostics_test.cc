// Diagnostics in fields: each kind, its line, and the parts of the message that guide the user.
#include <gtest/gtest.h>

#include "contract/testing.h"

namespace forebay {
namespace {

class FieldDiagnosticTest : public testing::TestWithParam<DiagnosticCase> {};

TEST_P(FieldDiagnosticTest, IsReportedOnceWithItsLine) {
  ExpectDiagnostic(GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Fields, FieldDiagnosticTest,
    testing::Values(
        Extra("MisspelledKey", "- {name: extra, logicalType: string, requird: true}",
              {"field 'events.extra': the key 'requird' is unknown", "did you mean 'required'?"}),
        Extra("NoName", "- {logicalType: string}", {"the key 'name' is missing", "the field's name"}),
        Extra("NulInName", "- {name: \"a\\0b\", logicalType: string}", {"contains a NUL"}),
        Extra("LongName", "- {name: " + std::string(1001, 'n') + ", logicalType: string}",
              {"has 1001 bytes, more than 1000"}),
        Extra("LongColumn", "- {name: a, physicalName: " + std::string(1001, 'n') + ", logicalType: string}",
              {"the physicalName", "has 1001 bytes"}),
        DiagnosticCase{"SamePhysicalName",
                       kExtra,
                       "- {name: extra, logicalType: string, physicalName: a}\n"
                       "- {name: other, logicalType: string, physicalName: a}",
                       26,
                       {"field 'events.other': duplicate physicalName 'a'"}},
        Extra("AliasOfAnother",
              "- {name: extra, logicalType: string, customProperties: [{property: aliases, value: [id]}]}",
              {"field 'events.extra': the alias 'id' is the name of another field"}),
        ExtraIs("AliasIsAList", "logicalType: string, customProperties: [{property: aliases, value: {a: b}}]",
                {"aliases has a map", "a list of texts"}),
        ExtraIs("UnknownLeniency",
                "logicalType: string, customProperties: [{property: onWrongValue, value: ignore}]",
                {"onWrongValue is 'ignore'", "reject or setNull"}),
        ExtraIs("RequiredCannotBecomeNull",
                "logicalType: string, required: true, customProperties: [{property: onWrongValue, value: "
                "setNull}]",
                {"a required field cannot become null", "an optional field"}),
        ExtraIs("UnknownCoercion",
                "logicalType: string, customProperties: [{property: coerce, value: [dates]}]",
                {"coerce has 'dates'", "numbersInStrings, numbersAsBooleans, emptyAsNull or none"}),
        ExtraIs("UnknownSource",
                "logicalType: string, customProperties: [{property: kafka.source, value: value}]",
                {"kafka.source is 'value'", "key, key.MEMBER, header:NAME, partition, offset or timestamp"}),
        ExtraIs("SourceOfAnotherType",
                "logicalType: string, customProperties: [{property: kafka.source, value: offset}]",
                {"kafka.source offset of a string", "a field of type integer (of 64 bits) was expected"}),
        ExtraIs("SourceOfALocalTimestamp",
                "logicalType: timestamp, physicalType: DATETIME, "
                "customProperties: [{property: kafka.source, value: timestamp}]",
                {"kafka.source timestamp of a local timestamp", "timestamp with a time zone was expected"}),
        ExtraIs("NestedSource",
                "logicalType: object, properties: [{name: a, logicalType: string, customProperties: "
                "[{property: kafka.source, value: key}]}]",
                {"field 'events.extra.a': kafka.source of a nested field"}),
        ExtraIs("UnknownType", "logicalType: thing",
                {"the logicalType 'thing' is not one of ODCS", "array, map or vector was expected"}),
        ExtraIs("MisspelledType", "logicalType: strng",
                {"the logicalType 'strng' is not one of ODCS", "did you mean 'string'?"}),
        ExtraIs("ElementType", "logicalType: array, items: {logicalType: thing}",
                {"field 'events.extra[]'", "the logicalType 'thing'"}),
        ExtraIs("IntegerWithAFraction", "logicalType: integer, physicalType: 'NUMBER(10,2)'",
                {"'NUMBER(10,2)' has digits after the point", "'logicalType: number'"}),
        ExtraIs("LengthContradicts",
                "logicalType: string, physicalType: VARCHAR(20), logicalTypeOptions: {maxLength: 21}",
                {"maxLength 21 contradicts the physicalType, which has a length of 20"}),
        ExtraIs("RequiredYes", "logicalType: string, required: yes",
                {"'required' is the text 'yes'", "true or false"}),
        ExtraIs("EmptyEnum", "logicalType: string, enum: []", {"the enum is empty"}),
        ExtraIs("BareEnum", "logicalType: string, enum: [a]", {"an entry is the text 'a'", "'- value: ...'"}),
        ExtraIs("TextInEnumOfNumbers", "logicalType: integer, enum: [{value: a}]",
                {"'value' is the text 'a'", "a number was expected"}),
        ExtraIs("DoubledEnum", "logicalType: string, enum: [{value: a}, {value: a}]",
                {"duplicate value 'a'"}),
        ExtraIs("ItemsOnString", "logicalType: string, items: {logicalType: string}",
                {"a string has 'items'", "'logicalType: array'"}),
        ExtraIs("PropertiesOnArray", "logicalType: array, items: {logicalType: string}, properties: []",
                {"an array has 'properties'"}),
        ExtraIs("NestedSameName",
                "logicalType: object, properties: [{name: a, logicalType: string}, {name: a, logicalType: "
                "string}]",
                {"field 'events.extra.a': duplicate name, first used in line 25"}),
        ExtraIs("NestedText", "logicalType: object, properties: [a]",
                {"field 'events.extra': an entry of properties is the text 'a'"}),
        ExtraIs("MisplacedCustomProperty",
                "logicalType: string, customProperties: [{property: eventTime, value: true}]",
                {"misplaced custom property eventTime", "customProperties of a table"})),
    CaseName);

}  // namespace
}  // namespace forebay
